import type { TurnRecord, TurnWords } from '../../../core/agents/history.ts';
import type { Usage } from '../../../core/agents/ports.ts';
import { isPriced } from '../../../core/agents/totals.ts';
import type { AgentEnd, TurnEntry } from '../../../core/agents/turn.ts';
import { assertNever } from '../../../core/errors.ts';
import { duration, isoTime } from '../format.ts';
import { safeBlock, safeJson, safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { usedText } from './agents.ts';

const PROMPT_LINES = 8;
const TEXT_LINES = 40;

export interface HistoryOptions {
  readonly paint: Paint;
  /** Long prompts and texts whole. */
  readonly full: boolean;
}

/** A step with a turn of its agent. */
export type SpokenTurn = TurnRecord & { readonly turn: TurnWords };

export function renderOpening(step: SpokenTurn, { paint, full }: HistoryOptions): string[] {
  const model = step.model === undefined ? '' : ` ${step.model}`;
  const who = `${step.agent} (${step.provider}${model})`;
  const what = `${step.kind}, step ${step.step}, attempt ${step.attempt}`;
  const prompt = fold(step.turn.prompt, full ? Number.POSITIVE_INFINITY : PROMPT_LINES);
  return [
    `${paint('bold', safeLine(who))}  ${paint('dim', `${safeLine(what)}, ${isoTime(step.turn.beganAt)}`)}`,
    ...prompt.map((line) => paint('dim', `  > ${line}`.trimEnd())),
  ];
}

export function renderEntry(entry: TurnEntry, { paint, full }: HistoryOptions): string[] {
  const line = (look: Look, text: string): string[] => [`  ${paint(look, safeLine(text))}`];
  switch (entry.type) {
    case 'text':
      return fold(entry.text, full ? Number.POSITIVE_INFINITY : TEXT_LINES).map((text) =>
        `  ${text}`.trimEnd(),
      );
    case 'tool': {
      const mark = entry.status === 'started' ? '⚙' : entry.status === 'failed' ? '✗' : '✓';
      return line(
        entry.status === 'failed' ? 'red' : 'cyan',
        `${mark} ${entry.name} ${entry.detail}`.trimEnd(),
      );
    }
    case 'session':
      return line('dim', `session ${entry.sessionId}`);
    case 'usage':
      return line('dim', `used ${usedText(usageOf(entry.usage))}`);
    case 'retrying':
      return line('yellow', `tries again: ${entry.reason}`);
    case 'limit':
      return line('yellow', `limit ${entry.status}: ${entry.reason}`);
    case 'notice':
      return line('dim', entry.message);
    case 'outcome': {
      const { outcome } = entry;
      if (outcome.kind !== 'success' || outcome.result?.status !== 'questions') return [];
      return outcome.result.questions.flatMap(({ question }) => line('yellow', `? ${question}`));
    }
    default:
      return assertNever(entry);
  }
}

function usageOf(usage: Usage): Parameters<typeof usedText>[0] {
  return { ...usage, unpricedTokens: isPriced(usage) ? 0 : usage.inputTokens + usage.outputTokens };
}

const ENDS: Readonly<Record<AgentEnd, { readonly text: string; readonly look: Look }>> = {
  finished: { text: 'finished', look: 'green' },
  waiting: { text: 'asked', look: 'yellow' },
  failed: { text: 'failed', look: 'red' },
  limited: { text: 'was refused', look: 'yellow' },
  stopped: { text: 'was stopped', look: 'yellow' },
  crashed: { text: 'crashed', look: 'red' },
};

/** How the turn was over. What a text said already is not said again. */
export function renderEnding(step: SpokenTurn, { paint }: HistoryOptions): string[] {
  const { ended, endedAt, beganAt, leftOut, answer } = step.turn;
  if (ended === undefined) return [];
  const { text, look } = ENDS[ended];
  const took = endedAt === undefined ? '' : ` after ${duration(endedAt - beganAt)}`;
  const said = ended === 'finished' ? (step.summary ?? answer) : answer;
  const why = said === undefined || said === '' ? '' : `: ${firstLine(said)}`;
  const missing =
    leftOut === 0
      ? []
      : [`  ${paint('dim', `${leftOut} more were not kept: cw task logs ${step.task} --step ${step.step}`)}`];
  return [...missing, `  ${paint(look, safeLine(`${text}${took}${why}`))}`];
}

/** One line of JSON for each thing that was said, with where it belongs. */
export function historyJson(
  step: SpokenTurn,
  entry: TurnEntry | { at: number; type: 'prompt'; text: string },
): string {
  const { at, type, ...rest } = entry;
  const { task, attempt, agent, provider } = step;
  const about = { task, step: step.step, attempt, agent, provider };
  // The answer is kept in the turn itself.
  const outcome =
    entry.type === 'outcome' && entry.outcome.kind === 'success'
      ? { outcome: { ...entry.outcome, text: step.turn.answer ?? '' } }
      : {};
  return safeJson({ at: isoTime(at), type, ...about, ...rest, ...outcome });
}

function fold(text: string, most: number): string[] {
  const lines = safeBlock(text.trimEnd()).split('\n');
  const rest = lines.length - most;
  return rest <= 1 ? lines : [...lines.slice(0, most), `… ${rest} more lines (--full)`];
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
