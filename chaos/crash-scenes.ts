import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFile } from '../src/core/config/schema.ts';
import type { CrashPoint } from '../src/core/crash-points.ts';
import type { TaskState } from '../src/core/tasks/states.ts';
import { type E2eProject, makeProject, UNCONFINED } from '../test/e2e/project.ts';
import { plainGit } from '../test/support/repo.ts';
import { MARKING_AGENT, makeMarksDirectory, readMarks } from './agent-marks.ts';
import type { Survivor } from './invariants.ts';

/**
 * What each agent does. `flaky` and `shaky` fail at first, `slow` talks so long that its words are kept meanwhile, and
 * nobody can judge `broken` before it is mended. `asker` asks at work, and `ender` at the end of its turn.
 */
const SCRIPT = `
prompt=$(test "$CW_ROLE" = coder && cat)
case "$CW_TASK_ID.$prompt" in
  *"## Answers"*) ;;
  asker.*) cw ask "Which?" > /dev/null || return ;;
  ender.*) echo '{"status":"questions","questions":[{"id":"q1","question":"One?"},{"id":"q2","question":"Two?"}]}'; return ;;
esac
test "$CW_TASK_ID.$CW_ROLE" = broken.reviewer && echo note > note-broken && ! test -e "$HOME/mended" && exit 3
test "$CW_ROLE" = reviewer && echo note > "note-$CW_TASK_ID" && echo '{"status":"done","summary":"fine"}' && return
echo "begin $CW_TASK_ID"
case $CW_TASK_ID.$CW_ATTEMPT in
  flaky.1 | shaky.1) exit 3 ;;
  slow.*) sleep 0.3; echo one; sleep 0.3; echo two; sleep 0.3 ;;
esac
echo "$CW_TASK_ID" > "out-$CW_TASK_ID"
echo '{"status":"done","summary":"made it"}'
`;
/** Says yes to all that it is asked. */
const ADVISER = `
printf '{"status":"done","answers":['
sed -n 's|^## Question \\(.*\\)$|{"id":"\\1","answer":"yes"},|p'
printf '{"id":"none","answer":"yes"}]}\\n'
`;
/** In the environment of whoever runs it, and nobody's business. */
const SECRET = 'sk-ant-crash-0123456789abcdef';
export const PERSON = { ANTHROPIC_API_KEY: SECRET };
const MAX_AGENTS = 2;
const MAX_ATTEMPTS = 3;

const task = (id: string, more: object = {}): object => ({
  id,
  prompt: `Write out-${id}.`,
  verify: `test -f out-${id}`,
  ...more,
});
const TASKS: readonly object[] = [
  task('ground', { workflow: 'checked' }),
  task('side', { workflow: 'checked' }),
  task('wall', { depends_on: ['ground'] }),
  task('flaky'),
  task('shaky'),
  task('slow', { depends_on: ['side'] }),
];
const IDS = ['ground', 'side', 'wall', 'flaky', 'shaky', 'slow'];
/** Not in the roadmap from the start. */
const [ADDED, BROKEN] = ['late', 'broken'];
const ASKING = ['asker', 'ender'];

/** A project in which crashes are tried. */
export interface CrashProject extends AsyncDisposable {
  readonly project: E2eProject;
  /** From now on this task is promised, too. */
  accept(id: string): void;
  /** What must hold of it at the end. */
  survivor(): Survivor;
}

/** `database` is a URL; absent: SQLite. */
export async function makeCrashProject(database: string | undefined): Promise<CrashProject> {
  const config: ConfigFile = {
    ...UNCONFINED,
    ...(database === undefined ? {} : { database }),
    maxAgents: MAX_AGENTS,
    lease: { leaseMs: 5_000, heartbeatMs: 100 },
    retry: { maxAttempts: MAX_ATTEMPTS, baseMs: 1, maxMs: 10 },
    workflows: { checked: { steps: [{ agent: 'coder' }, { agent: 'reviewer', verify: true }] } },
  };
  const roadmap = { version: 1, project: 'crash', tasks: TASKS };
  const project = await makeProject({ roadmap });
  const [script, marks] = [join(project.directory, 'script.sh'), join(project.directory, 'marks')];
  writeFileSync(script, SCRIPT);
  mkdirSync(marks);
  makeMarksDirectory(marks, [...IDS, ADDED, BROKEN, ...ASKING]);
  const scripted = { type: 'command', command: '/bin/sh', args: [MARKING_AGENT, script, marks] } as const;
  const agents = Object.fromEntries(['coder', 'reviewer'].map((role) => [role, { provider: 'scripted' }]));
  const adviser = { type: 'command', command: '/bin/sh', args: ['-c', ADVISER] } as const;
  const crew = { ...agents, orchestrator: { provider: 'adviser' } };
  const whole = { ...config, providers: { scripted, adviser }, agents: crew };
  project.repo.write('.codewalk/config.json', JSON.stringify(whole, null, 2));
  // Work of the person's, which nobody may touch.
  project.repo.write('README.md', 'Hello, and more\n');
  const base = project.repo.git('rev-parse', 'main');
  const accepted: Record<string, TaskState> = Object.fromEntries(IDS.map((id) => [id, 'done']));
  return {
    project,
    accept: (id) => {
      accepted[id] = 'done';
    },
    survivor: () => {
      return {
        root: project.repo.root,
        ...(existsSync(originOf(project)) ? { remote: originOf(project) } : {}),
        home: project.home,
        store: {
          url: database ?? `sqlite:${join(project.repo.root, '.codewalk', 'state', 'codewalk.db')}`,
          project: database === undefined ? 'local' : 'crash',
        },
        accepted,
        base,
        marks: readMarks(marks),
        maxAttempts: MAX_ATTEMPTS,
        maxAgents: MAX_AGENTS,
        secrets: [SECRET],
      };
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** What a person does around a crash: what came before, the command that crashes, and how it goes on. */
export interface Scene {
  readonly prepare?: (crash: CrashProject) => Promise<void>;
  readonly command: (crash: CrashProject) => Promise<readonly string[]>;
  /** Gives the command again, and does what is left. */
  readonly finish: (crash: CrashProject) => Promise<void>;
}

const RUN = ['run'];

const plan: Scene = { command: async () => RUN, finish: run };

const add: Scene = {
  command: async () => ['task', 'add', 'Late', '--id', ADDED],
  async finish(crash) {
    const { code, stderr } = await crash.project.cw(['task', 'add', 'Late', '--id', ADDED]);
    // It may be there already: who was not told asks again.
    if (code !== 0 && !stderr.includes('is used twice')) throw new Error(`cw task add: ${stderr}`);
    crash.accept(ADDED);
    await run(crash);
  },
};

const deliver: Scene = {
  async prepare(crash) {
    await run(crash);
    crash.project.repo.git('checkout', '--quiet', 'README.md');
  },
  command: async () => ['deliver'],
  async finish(crash) {
    await succeed(crash, ['deliver']);
    const { repo } = crash.project;
    repo.git('merge-base', '--is-ancestor', 'cw/integration', 'main');
    if (repo.git('status', '--porcelain', '--untracked-files=no') !== '')
      throw new Error('main is not as delivered');
  },
};

/** With a git remote that other hosts could share. */
export const shared: Scene = {
  async prepare({ project }) {
    const origin = originOf(project);
    plainGit(project.repo.root, 'clone', '--quiet', '--bare', '.', origin);
    project.repo.git('remote', 'add', 'origin', origin);
    const path = '.codewalk/config.json';
    const config = JSON.parse(readFileSync(join(project.repo.root, path), 'utf8')) as ConfigFile;
    project.repo.write(path, JSON.stringify({ ...config, merge: { remote: 'origin' } }, null, 2));
  },
  command: async () => RUN,
  finish: run,
};

/** Where some agents were at work when everything died. */
const aftermath: Scene = {
  prepare: (crash) => dieAt(crash, 'agent.prompted#2'),
  command: async () => RUN,
  finish: run,
};

/** Where a merge was visible and not recorded when everything died. */
const halfMerged: Scene = {
  prepare: (crash) => dieAt(crash, 'merge.moved'),
  command: async () => RUN,
  finish: run,
};

/** With fewer agents than before, not all worktrees are needed any more. */
const shrunk: Scene = {
  async prepare(crash) {
    await run(crash);
    await succeed(crash, ['task', 'add', 'Late', '--id', ADDED]);
    crash.accept(ADDED);
  },
  command: async () => ['run', '--max-agents', '1'],
  finish: run,
};

const recover: Scene = {
  async prepare(crash) {
    crash.project.roadmap({
      version: 1,
      project: 'crash',
      tasks: [...TASKS, task(BROKEN, { workflow: 'checked' })],
    });
    await crash.project.cw(RUN);
  },
  command: async (crash) => ['recover', 'restore', await savedOf(crash, BROKEN), '--into-task'],
  async finish(crash) {
    await succeed(crash, ['recover', 'restore', await savedOf(crash, BROKEN), '--into-task']);
    writeFileSync(join(crash.project.home, 'mended'), '');
    await succeed(crash, ['task', 'retry', BROKEN]);
    crash.accept(BROKEN);
    await run(crash);
    crash.project.repo.git('cat-file', '-e', 'cw/integration:note-broken');
  },
};

/** Agents ask, and the orchestrator agent answers. */
const asking: Scene = {
  async prepare(crash) {
    const tasks = [...TASKS, ...ASKING.map((id) => task(id))];
    crash.project.roadmap({ version: 1, project: 'crash', tasks });
    for (const id of ASKING) crash.accept(id);
  },
  command: async () => RUN,
  async finish(crash) {
    await run(crash);
    const { stdout } = await crash.project.cw(['inbox', '--all', '--json']);
    const asked = JSON.parse(stdout) as { task: string; question: string; answer: string | null }[];
    const found = asked.map(({ task: of, question, answer }) => `${of}: ${question} ${answer}`).sort();
    const wanted = ['asker: Which? yes', 'ender: One? yes', 'ender: Two? yes'];
    if (found.join() !== wanted.join()) throw new Error(`asked and answered: ${found.join(', ')}`);
  },
};

const SCENES: Partial<Readonly<Record<CrashPoint, Scene>>> = {
  'boot.registered': aftermath,
  'boot.buried': aftermath,
  'boot.reclaimed': aftermath,
  'reclaim.lost': aftermath,
  'merge.recovered': halfMerged,
  'release.removed': shrunk,
  'push.acked': shared,
};

/** The scene in which a point is reached. */
export function sceneOf(point: CrashPoint): Scene {
  const [part = ''] = point.split('.');
  if (part === 'edit' || part === 'task') return add;
  if (part === 'deliver') return deliver;
  if (part === 'recover') return recover;
  if (part === 'question') return asking;
  return SCENES[point] ?? plan;
}

function originOf({ directory }: E2eProject): string {
  return join(directory, 'origin.git');
}

async function run(crash: CrashProject): Promise<void> {
  await succeed(crash, RUN);
}

async function succeed({ project }: CrashProject, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await project.cw(args, { env: PERSON });
  if (code !== 0)
    throw new Error(`cw ${args.join(' ')} ended with ${code}: ${stderr}${stdout.slice(-2_000)}`);
}

async function dieAt({ project }: CrashProject, place: string): Promise<void> {
  const env = { ...PERSON, CW_CRASH_AT: place };
  const { code, stderr } = await project.cw(['run', '--no-restart'], { env });
  if (code !== null) throw new Error(`The run did not come to ${place}: ${stderr}`);
}

/** The piece of saved work that a person would bring back: the file that a role left which may not edit. */
async function savedOf({ project }: CrashProject, id: string): Promise<string> {
  const { stdout } = await project.cw(['recover', 'list', '--task', id, '--json']);
  const all = JSON.parse(stdout) as { id: string; reason: string }[];
  const found = all.find(({ reason }) => reason === 'discarded');
  if (found === undefined) throw new Error(`There is no saved work of ${id}: ${stdout}`);
  return found.id;
}
