import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFile } from '../src/core/config/schema.ts';
import { type E2eProject, makeProject, UNCONFINED } from '../test/e2e/project.ts';
import type { RunningCw } from '../test/support/installed-cw.ts';
import { MARKING_AGENT, makeMarksDirectory, readMarks } from './agent-marks.ts';
import type { Survivor } from './invariants.ts';

/** Writes one file, says so, and ends. Those whose number ends so take long enough to be hit; some of each chain. */
export const SLOW = '[37]';
const SCRIPT = `
case $CW_TASK_ID in *${SLOW}) sleep 0.1 ;; esac
printf '%s\\n' "$CW_TASK_ID" > "out-$CW_TASK_ID"
echo '{"status":"done","summary":"made it"}'
`;
/** What opens the gate of a gated plan. */
export const GATE = 'all';
const MAX_AGENTS = 4;
/** Of one run; a plan may be a long one. */
const PATIENCE_MS = 900_000;
const MAX_ATTEMPTS = 5;
/** Every so many tasks wait for the one so far before them, … */
const [CHAINED, BACK] = [5, 7];
/** … and every so many are checked before they are merged. */
const CHECKED = 25;

/** A plan of many small tasks whose agents take milliseconds. */
export interface KillProject extends AsyncDisposable {
  readonly project: E2eProject;
  /** One more `cw run` in it. */
  start(): Promise<RunningCw>;
  survivor(): Survivor;
}

interface Pace {
  /** How long an agent is at work, s. */
  readonly workS?: number;
  /** Agents wait until `project.allow(GATE)`. */
  readonly gated?: boolean;
  readonly maxAgents?: number;
  readonly lease?: { readonly leaseMs: number; readonly heartbeatMs: number };
}

/** `database` is a URL; absent: SQLite. */
export async function makeKillProject(
  count: number,
  database: string | undefined,
  { workS = 0, gated = false, maxAgents = MAX_AGENTS, lease }: Pace = {},
): Promise<KillProject> {
  const ids = Array.from({ length: count }, (_, index) => `t${index}`);
  const tasks = ids.map((id, index) => ({
    id,
    prompt: 'x',
    ...(index % CHAINED === 0 && index >= BACK ? { depends_on: [`t${index - BACK}`] } : {}),
    ...(index % CHECKED === 0 ? { verify: `test -f out-${id}` } : {}),
  }));
  const project = await makeProject({ roadmap: { version: 1, project: 'kills', tasks } });
  const [script, marks] = [join(project.directory, 'script.sh'), join(project.directory, 'marks')];
  const gate = gated ? `until test -e '${join(project.directory, 'go', GATE)}'; do sleep 0.05; done\n` : '';
  writeFileSync(script, `${gate}${workS === 0 ? '' : `sleep ${workS}\n`}${SCRIPT}`);
  mkdirSync(marks);
  makeMarksDirectory(marks, ids);
  const config: ConfigFile = {
    ...UNCONFINED,
    ...(database === undefined ? {} : { database }),
    maxAgents,
    ...(lease === undefined ? {} : { lease }),
    providers: { shell: { type: 'command', command: '/bin/sh', args: [MARKING_AGENT, script, marks] } },
    agents: { coder: { provider: 'shell' } },
    // Killed agents are failures that nobody is to blame for: they are tried again at once.
    retry: { maxAttempts: MAX_ATTEMPTS, baseMs: 1, maxMs: 10, perMinute: 10_000 },
    breaker: { failures: 1_000 },
    roadmap: { sync: 'off' },
  };
  project.repo.write('.codewalk/config.json', JSON.stringify(config, null, 2));
  const base = project.repo.git('rev-parse', 'main');
  return {
    project,
    start: () => project.start(['run', '--json'], { patienceMs: PATIENCE_MS }),
    survivor: () => ({
      root: project.repo.root,
      home: project.home,
      store: {
        url: database ?? `sqlite:${join(project.repo.root, '.codewalk', 'state', 'codewalk.db')}`,
        project: database === undefined ? 'local' : 'kills',
      },
      accepted: Object.fromEntries(ids.map((id) => [id, 'done' as const])),
      base,
      marks: readMarks(marks),
      maxAttempts: MAX_ATTEMPTS,
      maxAgents,
      secrets: [],
    }),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
