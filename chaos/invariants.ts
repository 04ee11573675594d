import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processTable } from '../src/adapters/process/process-table.ts';
import { openStore } from '../src/adapters/store/open.ts';
import { verifyState } from '../src/adapters/store/verify.ts';
import type { LoggedEvent } from '../src/core/events/event.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import { isFinal, type TaskState } from '../src/core/tasks/states.ts';
import { plainGit } from '../test/support/repo.ts';
import { type AgentMark, stillRunning } from './agent-marks.ts';

/** A project that has been through crashes and is at rest now, and what is known of it from outside. */
export interface Survivor {
  /** The checkout. */
  readonly root: string;
  /** The bare repository that hosts share: what is merged is read there. Absent: the checkout is the only one. */
  readonly remote?: string;
  /** The home of the person who ran it, which no other process has. */
  readonly home: string;
  /** As for `openStore`. */
  readonly store: { readonly url: string; readonly project: string };
  /** Every task that was accepted, with the state that it must have reached. */
  readonly accepted: Readonly<Record<string, TaskState>>;
  /** Where the integration branch began. */
  readonly base: string;
  readonly marks: readonly AgentMark[];
  readonly maxAttempts: number;
  readonly maxAgents: number;
  /** Values that nothing may keep. */
  readonly secrets: readonly string[];
}

/** What was promised and is not so. */
export interface Violation {
  /** Its number in the list of invariants, `I1` to `I11`. */
  readonly invariant: string;
  readonly what: string;
}

/** Everything that the survivor's git shows, read once. */
interface Repository {
  /** Commits of the integration branch since its base, in the order in which they came, with the task they name. */
  readonly merges: readonly { readonly commit: string; readonly task: string }[];
  readonly refs: readonly string[];
}

const INTEGRATION = 'refs/heads/cw/integration';
/** A commit, and the task that its trailer names. */
const MERGED_TASKS = '--format=%H %(trailers:key=Codewalk-Task,valueonly,separator=%x2C)';
const PAGE = 5_000;
const MOST_NAMED = 5;

/**
 * Checks I1 to I11 on a project at rest:
 *
 * | | |
 * |---|---|
 * | I1 | every accepted task exists, and reached the state that it must reach |
 * | I2 | a task has at most one merge on the integration branch, and that one is recorded |
 * | I3 | a task ends once, and is not begun again |
 * | I4 | two attempts of one task never overlap |
 * | I5 | no process of an attempt lives |
 * | I6 | no lock, lease, worktree, branch or temporary file of an attempt remains; saved work may |
 * | I7 | `git fsck` finds nothing, and the branch holds recorded merges only |
 * | I8 | the event log has no gap, its chain of hashes is whole, and it ends where it was last seen to end |
 * | I9 | no task failed more often than it may, and every attempt was claimed |
 * | I10 | the fences of a task rise |
 * | I11 | no secret is in a file |
 */
export async function violations(survivor: Survivor): Promise<readonly Violation[]> {
  await using store = await openStore(survivor.store);
  const events = await allEvents(store);
  const repository = look(survivor);
  return [
    ...(await accepted(survivor, store)),
    ...mergedOnce(events, repository),
    ...endedOnce(events),
    ...neverBeside(survivor.marks),
    ...nothingAlive(survivor),
    ...(await nothingLeft(survivor, store, repository)),
    ...soundRepository(survivor),
    ...gapless(events),
    ...(await wholeState(survivor)),
    ...(await withinLimits(survivor, store, events)),
    ...risingFences(events),
    ...noSecrets(survivor),
  ];
}

async function allEvents(store: Store): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (;;) {
    const page = await store.events(events.at(-1)?.seq ?? 0, { limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

function look({ root, remote = root, base }: Survivor): Repository {
  const refsOf = (repository: string) =>
    plainGit(repository, 'for-each-ref', '--format=%(refname)').split('\n');
  const refs = [...refsOf(root), ...(remote === root ? [] : refsOf(remote))];
  const merges = refs.includes(INTEGRATION)
    ? plainGit(remote, 'log', '--first-parent', '--reverse', MERGED_TASKS, `${base}..${INTEGRATION}`)
    : '';
  return {
    refs,
    merges: merges.split('\n').flatMap((line) => {
      const [commit = '', task = ''] = line.split(' ');
      return commit === '' ? [] : [{ commit, task }];
    }),
  };
}

async function accepted({ accepted: wanted }: Survivor, store: Store): Promise<Violation[]> {
  const states = new Map((await store.tasks()).map(({ id, state }) => [id as string, state]));
  const wrong = Object.entries(wanted).filter(([id, state]) => states.get(id) !== state);
  const inMerge = new Set(
    (await store.merges()).filter(({ state }) => state !== 'merged').map(({ task }) => task),
  );
  return [
    ...few('I1', wrong, ([id, state]) => `${id} is ${states.get(id) ?? 'lost'}, not ${state}`),
    ...few('I2', [...inMerge], (task) => `${task} still waits for its merge`),
  ];
}

function mergedOnce(events: readonly LoggedEvent[], { merges }: Repository): Violation[] {
  const recorded = events.flatMap((event) => (event.type === 'merge.done' ? [event] : []));
  const commits = new Map(merges.map(({ commit, task }) => [commit, task]));
  const known = new Set<string>(recorded.map(({ commit }) => commit));
  return [
    ...few('I2', repeated(merges.map(({ task }) => task)), (task) => `${task} is merged twice`),
    ...few('I2', repeated(recorded.map(({ task }) => task)), (task) => `${task} is recorded as merged twice`),
    ...few(
      'I2',
      recorded.filter(({ commit, task }) => commits.get(commit) !== task),
      ({ task, commit }) => `${task} is recorded as merged by ${commit}, which the branch does not hold`,
    ),
    ...few(
      'I7',
      merges.filter(({ commit }) => !known.has(commit)),
      ({ task, commit }) =>
        `the branch holds ${commit} of ${task === '' ? 'nobody' : task}, which nothing records`,
    ),
  ];
}

function endedOnce(events: readonly LoggedEvent[]): Violation[] {
  const over = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === 'task.reset') over.delete(event.task);
    if (event.type === 'task.claimed' && over.has(event.task))
      wrong.push(`${event.task} was begun after its end`);
    if (event.type !== 'task.done' && event.type !== 'task.failed') continue;
    if (over.has(event.task)) wrong.push(`${event.task} ended again`);
    over.add(event.task);
  }
  return few('I3', wrong, (what) => what);
}

function neverBeside(marks: readonly AgentMark[]): Violation[] {
  const wrong = marks
    .filter(({ beside }) => beside.length > 0)
    .map(({ task, process, beside }) => `${process} of ${task} began beside ${beside.join(', ')}`);
  for (const own of Map.groupBy(marks, ({ task }) => task).values()) {
    let last: AgentMark | undefined;
    for (const mark of own.toSorted((a, b) => a.begin - b.begin)) {
      if (last?.end !== undefined && mark.begin < last.end) {
        wrong.push(
          `${mark.process} of ${mark.task} began at ${mark.begin}, ${last.process} ended at ${last.end}`,
        );
      }
      last = mark;
    }
  }
  return few('I4', wrong, (what) => what);
}

function nothingAlive({ home, marks }: Survivor): Violation[] {
  const table = processTable();
  const ours = [...table.variable('HOME')].filter(
    ([pid, value]) => value === home && table.row(pid)?.zombie === false,
  );
  return [
    ...few('I5', stillRunning(marks), ({ task, process }) => `${process} of ${task} still runs`),
    ...few('I5', ours, ([pid]) => `process ${pid} still runs in the name of the project`),
  ];
}

async function nothingLeft(
  { root, maxAgents }: Survivor,
  store: Store,
  { refs }: Repository,
): Promise<Violation[]> {
  const owned = (await store.tasks()).filter(({ owner }) => owner !== undefined);
  const unfinished = new Set(
    (await store.tasks())
      .filter(({ state }) => !isFinal(state) || state === 'failed')
      .map(({ id }) => id as string),
  );
  const worktrees = entries(join(root, '.codewalk', 'worktrees'));
  const pool = worktrees.filter((name) => name.startsWith('.pool-'));
  const left = worktrees.filter((name) => !name.startsWith('.pool-') && !unfinished.has(name));
  const kept = /^refs\/(heads\/(main|cw\/integration)|stash|tags\/.*|remotes\/.*|codewalk\/saved\/.*)$/;
  const branches = refs.filter(
    (ref) => !kept.test(ref) && ![...unfinished].some((id) => ref.endsWith(`/${id}`)),
  );
  const adminDirs = entries(join(root, '.git', 'worktrees')).length;
  return [
    ...few('I6', await store.orchestrators(), ({ id }) => `${id} is still registered`),
    ...few('I6', owned, ({ id, owner }) => `${id} still belongs to ${owner}`),
    ...few(
      'I6',
      await store.processes(),
      ({ task, process }) => `${task} still lists process ${process.pid}`,
    ),
    ...few('I6', left, (name) => `the worktree ${name} is still there`),
    ...few('I6', pool.slice(maxAgents), (name) => `the pool has ${name} too many`),
    ...few('I6', branches, (ref) => `the branch ${ref} is still there`),
    ...few(
      'I6',
      adminDirs > worktrees.length ? [adminDirs] : [],
      () => `${adminDirs} git directories for ${worktrees.length} worktrees`,
    ),
    ...few('I6', leftFiles(root), (path) => `the file ${path} is still there`),
  ];
}

/** Files that stand for something which goes on, and nothing goes on. What git itself began to write is git's to collect. */
function leftFiles(root: string): string[] {
  const below = (directory: string, wanted: RegExp) =>
    existsSync(join(root, directory))
      ? readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
          .filter((path) => wanted.test(path))
          .map((path) => join(directory, path))
      : [];
  return [
    ...below('.git', /(\.lock|\.cw-new|\.new|\/locked)$|saving-\w+\.index$/),
    ...below('.codewalk/git/tmp', /./),
    ...below('.codewalk/state/homes', /^[^/]+$/),
    ...entries(root).filter((name) => /^\..*\.cw-/.test(name)),
  ];
}

function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function soundRepository({ root, remote }: Survivor): Violation[] {
  return [root, ...(remote === undefined ? [] : [remote])].flatMap(soundAt);
}

function soundAt(repository: string): Violation[] {
  let found: string;
  try {
    found = plainGit(repository, 'fsck', '--no-dangling', '--no-progress');
  } catch (error) {
    found = String((error as { stderr?: unknown }).stderr ?? error);
  }
  return few('I7', found === '' ? [] : found.split('\n'), (line) => `git fsck: ${line}`);
}

function gapless(events: readonly LoggedEvent[]): Violation[] {
  const gap = events.find(({ seq }, index) => seq !== index + 1);
  return gap === undefined ? [] : [{ invariant: 'I8', what: `there is no event before number ${gap.seq}` }];
}

/** What `cw db verify` looks at. */
async function wholeState({ root, store }: Survivor): Promise<Violation[]> {
  const stateDirectory = join(root, '.codewalk', 'state');
  const { findings } = await verifyState({ ...store, stateDirectory });
  return few(
    'I8',
    findings.filter(({ ok }) => !ok),
    ({ check, detail }) => `${check}: ${detail}`,
  );
}

async function withinLimits(
  { maxAttempts }: Survivor,
  store: Store,
  events: readonly LoggedEvent[],
): Promise<Violation[]> {
  const claims = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'task.claimed') claims.set(event.task, (claims.get(event.task) ?? 0) + 1);
  }
  const tasks = await store.tasks();
  return [
    ...few(
      'I9',
      tasks.filter(({ failures }) => failures > maxAttempts),
      ({ id, failures }) => `${id} failed ${failures} times`,
    ),
    ...few(
      'I9',
      tasks.filter(({ id, attempts }) => attempts !== (claims.get(id) ?? 0)),
      ({ id, attempts }) => `${id} has ${attempts} attempts and ${claims.get(id) ?? 0} claims`,
    ),
  ];
}

function risingFences(events: readonly LoggedEvent[]): Violation[] {
  const last = new Map<string, number>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type !== 'task.claimed') continue;
    const before = last.get(event.task) ?? 0;
    if (event.fence <= before) wrong.push(`${event.task} got fence ${event.fence} after ${before}`);
    last.set(event.task, event.fence);
  }
  return few('I10', wrong, (what) => what);
}

function noSecrets({ root, secrets }: Survivor): Violation[] {
  return secrets.flatMap((secret, index) => {
    const found = filesWith(secret, root);
    return few('I11', found, (path) => `secret ${index + 1} is in ${path}`);
  });
}

function filesWith(text: string, directory: string): string[] {
  try {
    const args = ['-r', '-l', '-F', '--binary-files=text', '-e', text, '.codewalk', '.git'];
    return execFileSync('grep', args, { cwd: directory, encoding: 'utf8' }).trim().split('\n');
  } catch (error) {
    // It ends with 1 when there is none.
    if ((error as { status?: unknown }).status === 1) return [];
    throw error;
  }
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

/** One violation for each of the first few, and how many more there are. */
function few<T>(invariant: string, wrong: readonly T[], say: (each: T) => string): Violation[] {
  const named = wrong.slice(0, MOST_NAMED).map((each) => ({ invariant, what: say(each) }));
  const more = wrong.length - named.length;
  return more === 0 ? named : [...named, { invariant, what: `and ${more} more of these` }];
}
