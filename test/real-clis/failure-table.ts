import { ClaudeBackend } from '../../src/adapters/claude/backend.ts';
import { CodexBackend } from '../../src/adapters/codex/backend.ts';
import { GooseBackend } from '../../src/adapters/goose/backend.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { Backend, LaunchLimits } from '../../src/core/agents/ports.ts';
import { conversation, oneTurn } from '../agents/converse.ts';
import { brief } from '../agents/replay.ts';
import { agentClis } from '../support/agent-clis.ts';
import { type AgentEnv, claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Scenario } from '../support/model-server/scenarios.ts';
import type { ModelServer } from '../support/model-server.ts';
import { startRig } from './rig.ts';

export const CLIS = ['claude', 'codex', 'goose'] as const;
export type Cli = (typeof CLIS)[number];

/**
 * `shipped`: the CLIs as they come, whose own retries take minutes. `hurried`: with their retries and timeouts cut
 * short by their own settings.
 */
export type Pace = 'shipped' | 'hurried';

/** An outcome as `brief` words it; `until` stands for the end of the usage limit that the model announces. */
type Expected = string | Readonly<Record<Pace, string>>;

/** What the model does, and how a turn of each CLI must end. */
export interface Failure {
  readonly scenario: Scenario;
  readonly about: string;
  readonly ends: Readonly<Record<Cli, Expected>>;
}

const all = (end: Expected): Failure['ends'] => ({ claude: end, codex: end, goose: end });
const LIMITED = 'rate_limited';
const UNTIL = 'rate_limited until';

export const FAILURES: readonly Failure[] = [
  { scenario: '429-after-2', about: '429, retry-after 2', ends: all(LIMITED) },
  { scenario: '429', about: '429, no retry-after', ends: all(LIMITED) },
  {
    scenario: '429-after-3600',
    about: '429, retry-after 3600',
    // Codex and Goose wait the hour in silence: our own watchdog ends that.
    ends: { claude: LIMITED, codex: 'stalled', goose: { shipped: 'stalled', hurried: LIMITED } },
  },
  { scenario: 'usage', about: 'usage limit', ends: { claude: UNTIL, codex: UNTIL, goose: LIMITED } },
  {
    scenario: 'quota',
    about: 'quota spent (429)',
    ends: { claude: LIMITED, codex: 'permanent/billing', goose: 'permanent/billing' },
  },
  { scenario: 'billing', about: 'no credit (400)', ends: all('permanent/billing') },
  { scenario: '529', about: '529', ends: all('transient') },
  { scenario: '503', about: '503', ends: all('transient') },
  { scenario: '500', about: '500', ends: all('transient') },
  { scenario: '401', about: '401', ends: all('auth') },
  { scenario: '403', about: '403', ends: all('auth') },
  { scenario: '404', about: 'no such model (404)', ends: all('permanent/config') },
  { scenario: 'context', about: 'context limit', ends: all('context_limit') },
  {
    scenario: 'cut_x1',
    about: 'one stream cut',
    // Goose does not try again once text has come.
    ends: { claude: 'success', codex: 'success', goose: 'transient' },
  },
  {
    scenario: 'cut',
    about: 'every stream cut',
    // Claude asks once more without a stream, which the model answers.
    ends: { claude: 'success', codex: 'transient', goose: 'transient' },
  },
  { scenario: 'reset', about: 'connection reset', ends: all('transient') },
  {
    scenario: 'hang',
    about: 'no response headers',
    // Codex waits for ever, the others ten minutes for each try: longer than the silence that we allow.
    ends: {
      claude: { shipped: 'stalled', hurried: 'transient' },
      codex: 'stalled',
      goose: { shipped: 'stalled', hurried: 'transient' },
    },
  },
  {
    scenario: 'stall',
    about: 'stream stalls',
    ends: {
      claude: 'stalled',
      codex: { shipped: 'stalled', hurried: 'transient' },
      goose: { shipped: 'stalled', hurried: 'transient' },
    },
  },
  { scenario: '429-after-1_x1', about: '429 once, then fine', ends: all('success') },
  { scenario: '529_x1', about: '529 once, then fine', ends: all('success') },
  { scenario: '500_x1', about: '500 once, then fine', ends: all('success') },
  { scenario: 'reset_x1', about: 'reset once, then fine', ends: all('success') },
];

/** The silence that stands for `limits.silenceMs` here: longer than any pause between two tries of a CLI. */
const SILENCE_MS: Readonly<Record<Pace, number>> = { shipped: 60_000, hurried: 8_000 };

export interface FailureEnd {
  readonly found: string;
  readonly expected: string;
  readonly reason: string;
  readonly requests: number;
  readonly seconds: number;
}

/** One turn of the real CLI whose model fails. */
export async function meetFailure(
  cli: Cli,
  { scenario, ends }: Failure,
  options: { pace: Pace; signal?: AbortSignal },
): Promise<FailureEnd> {
  await using rig = await startRig();
  const { pace } = options;
  const end = ends[cli];
  const expected = typeof end === 'string' ? end : end[pace];
  const silenceMs = expected === 'stalled' ? SILENCE_MS[pace] : 10 * 60_000;
  const limits: Partial<LaunchLimits> = { firstOutputMs: 0, silenceMs, totalMs: 20 * 60_000, graceMs: 2_000 };
  const backend = backends()[cli];
  const { env, args } = await settings(cli, rig.server, rig.home, { scenario, pace });
  const startedAt = performance.now();
  const turn = await oneTurn(() =>
    backend.open(
      conversation({
        cwd: rig.worktree,
        env,
        limits,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        provider: { type: cli, ...args },
      }),
    ),
  );
  const { outcome } = turn;
  return {
    found: brief(turn),
    expected: expected === UNTIL ? untilReset(cli, rig.server) : expected,
    reason: outcome.kind === 'success' ? outcome.text : outcome.reason,
    requests: rig.server.requests.filter(({ prompt }) => prompt !== undefined).length,
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

/** Codex names a clock time, which has no seconds. */
function untilReset(cli: Cli, { usageResetsAt }: ModelServer): string {
  const end = cli === 'codex' ? usageResetsAt - (usageResetsAt % 60) : usageResetsAt;
  return `${UNTIL} ${new Date(end * 1_000).toISOString()}`;
}

function backends(): Readonly<Record<Cli, Backend>> {
  const parts = {
    launcher: new ProcessLauncher({ orchestrator: 'orc_failures' }),
    ids: systemIds,
    clock: systemClock,
  };
  return {
    claude: new ClaudeBackend(parts),
    codex: new CodexBackend(parts),
    goose: new GooseBackend(parts),
  };
}

async function settings(
  cli: Cli,
  server: ModelServer,
  home: string,
  { scenario, pace }: { scenario: Scenario; pace: Pace },
): Promise<{ env: AgentEnv; args: { command: string; args: string[]; model?: string } }> {
  const command = (await agentClis())[cli];
  const hurried = pace === 'hurried';
  switch (cli) {
    case 'claude': {
      const hurry = { CLAUDE_CODE_MAX_RETRIES: '1', API_TIMEOUT_MS: '3000' };
      const env = { ...claudeEnv(server, home, scenario), ...(hurried ? hurry : {}) };
      return { env, args: { command, args: [], model: 'claude-sonnet-4-5' } };
    }
    case 'codex': {
      const provider = 'model_providers.scripted';
      const hurry = [
        ...['-c', `${provider}.request_max_retries=1`, '-c', `${provider}.stream_max_retries=1`],
        ...['-c', `${provider}.stream_idle_timeout_ms=2000`],
      ];
      const args = ['--dangerously-bypass-approvals-and-sandbox', ...(hurried ? hurry : [])];
      return { env: await codexHome(server, home, scenario), args: { command, args } };
    }
    case 'goose': {
      const { GOOSE_PROVIDER_SKIP_BACKOFF, ...shipped } = gooseEnv(server, home, scenario);
      const hurry = {
        GOOSE_PROVIDER_SKIP_BACKOFF: GOOSE_PROVIDER_SKIP_BACKOFF ?? 'true',
        OPENAI_TIMEOUT: '3',
      };
      return { env: { ...shipped, ...(hurried ? hurry : {}) }, args: { command, args: [] } };
    }
  }
}
