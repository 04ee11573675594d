import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClaudeBackend } from '../../src/adapters/claude/backend.ts';
import { classify as classifyClaude } from '../../src/adapters/claude/classify.ts';
import { newState as newClaude, translate as translateClaude } from '../../src/adapters/claude/translate.ts';
import { CodexBackend } from '../../src/adapters/codex/backend.ts';
import { classify as classifyCodex } from '../../src/adapters/codex/classify.ts';
import { newState as newCodex, translate as translateCodex } from '../../src/adapters/codex/translate.ts';
import { GooseBackend } from '../../src/adapters/goose/backend.ts';
import { classify as classifyGoose } from '../../src/adapters/goose/classify.ts';
import { newState as newGoose, translate as translateGoose } from '../../src/adapters/goose/translate.ts';
import { LineSplitter } from '../../src/adapters/process/line-splitter.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type {
  AgentEvent,
  Backend,
  Launcher,
  OutputLine,
  ProcessExit,
  SessionRef,
  SessionTotals,
} from '../../src/core/agents/ports.ts';
import { NO_TOTALS } from '../../src/core/agents/totals.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Turn } from './converse.ts';
import { conversation, oneTurn } from './converse.ts';

export const TRANSCRIPTS = join(import.meta.dirname, '../fixtures/transcripts');
/** A little before the recorded limits end. */
const NOW = Date.UTC(2026, 10, 21, 1, 40);

export type CliName = 'claude' | 'codex' | 'goose';

export interface Recording {
  readonly stdout: Uint8Array;
  readonly stderr?: string;
  readonly exit: ProcessExit;
}

/** A recorded run by the name of its files, with the exit that was recorded beside it: a code or a signal. */
export function recording(cli: CliName, name: string, exit: number | string): Recording {
  const read = (file: string) => {
    try {
      return readFileSync(join(TRANSCRIPTS, cli, file));
    } catch {
      return undefined;
    }
  };
  return {
    stdout: read(`${name}.jsonl`) ?? read(`${name}.txt`) ?? new Uint8Array(),
    stderr: read(`${name}.stderr.txt`)?.toString() ?? '',
    exit: typeof exit === 'number' ? { kind: 'exited', code: exit } : { kind: 'signalled', signal: exit },
  };
}

/** Understands recorded output with the real backend; nothing is started. */
export function replay(cli: CliName, recorded: Recording, session?: SessionRef): Promise<Turn> {
  const clock: Clock = { now: () => NOW, steady: () => NOW, sleep: () => Promise.resolve() };
  const parts = { launcher: replaying(recorded), ids: systemIds, clock };
  const backends: Record<CliName, Backend> = {
    claude: new ClaudeBackend(parts),
    codex: new CodexBackend(parts),
    goose: new GooseBackend(parts),
  };
  return oneTurn(() =>
    backends[cli].open(
      conversation({ provider: { command: cli }, ...(session === undefined ? {} : { session }) }),
    ),
  );
}

/** What a CLI's own reader makes of recorded output, with nothing around it. */
export function understand(cli: CliName, { stdout, stderr = '', exit }: Recording): readonly AgentEvent[] {
  const found: AgentEvent[][] = [];
  const end = { exit, command: cli, stderrTail: stderr };
  const read = <S>(
    state: S,
    translate: (line: OutputLine, state: S, before: SessionTotals) => readonly AgentEvent[],
  ) => {
    for (const line of linesOf(stdout)) found.push([...translate(line, state, NO_TOTALS)]);
    return state;
  };
  const outcome = {
    claude: () => classifyClaude(read(newClaude(), translateClaude), end, NOW),
    codex: () => classifyCodex(read(newCodex(), translateCodex), end, NOW),
    goose: () => classifyGoose(read(newGoose(), translateGoose), end, NO_TOTALS, NOW),
  }[cli]();
  return [...found.flat(), { type: 'outcome', outcome }];
}

function linesOf(stdout: Uint8Array): OutputLine[] {
  const splitter = new LineSplitter(10_000_000);
  return [...splitter.push(stdout), ...splitter.end()].map((line) => ({ stream: 'stdout', ...line }));
}

function replaying({ stdout, stderr = '', exit }: Recording): Launcher {
  return {
    start: async () => ({
      identity: { pid: 1, startTime: '1', bootId: 'recorded' },
      exit: Promise.resolve(exit),
      async *lines(): AsyncGenerator<OutputLine> {
        yield* linesOf(stdout);
        for (const text of stderr.split('\n')) yield { stream: 'stderr', text, truncated: false };
      },
      async write() {},
      async [Symbol.asyncDispose]() {},
    }),
  };
}

/** The kinds of events in order, without the process and the outcome; repeats are counted: `text tool×4 usage`. */
export function kinds(turn: Turn): string {
  const runs: { kind: string; times: number }[] = [];
  for (const { type } of turn.events) {
    if (type === 'process' || type === 'outcome') continue;
    const last = runs.at(-1);
    if (last?.kind === type) last.times += 1;
    else runs.push({ kind: type, times: 1 });
  }
  return runs.map(({ kind, times }) => (times === 1 ? kind : `${kind}×${times}`)).join(' ');
}

/** An outcome in a few words: `success`, `permanent/billing`, `rate_limited until …`, `killed`. */
export function brief({ outcome }: Turn): string {
  switch (outcome.kind) {
    case 'permanent':
      return `permanent/${outcome.cause}`;
    case 'rate_limited':
      return outcome.until === undefined
        ? 'rate_limited'
        : `rate_limited until ${new Date(outcome.until).toISOString()}`;
    default:
      return outcome.kind;
  }
}
