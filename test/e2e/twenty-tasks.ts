import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type E2eProject, type PrintedEvent, type ProjectOptions, UNCONFINED } from './project.ts';
import type { Action, Script } from './scripted-agent.ts';

/** What each task needs, written out: containers in the roadmap below stand for the same. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  a1: [],
  a2: [],
  a3: [],
  a4: [],
  a5: [],
  a6: [],
  a7: [],
  a8: [],
  b1: ['a1', 'a2'],
  b2: ['a2', 'a3'],
  b3: ['a3', 'a4'],
  b4: ['a4', 'a5'],
  b5: ['a5', 'a6'],
  b6: ['a6', 'a7'],
  b7: ['a1', 'a2', 'a3', 'a4'],
  b8: ['a1', 'a2', 'a3', 'a4'],
  c1: ['b1', 'b2', 'b3'],
  c2: ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'],
  c3: ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'],
  c4: ['b7', 'b8'],
};
export const TASKS = Object.keys(NEEDS);

/** These add to one file, and nothing but its lock keeps them apart. */
export const SHARING = ['a7', 'a8'];
const SHARED = 'shared/names.txt';
export const MAX_AGENTS = 4;

/** Writes down which content it judged, and fails when work that the task builds on is missing in it. */
const VERIFY = `#!/bin/sh
set -eu
export GIT_INDEX_FILE="$HOME/index-$CW_TASK_ID-$$"
git add -A
tree=$(git write-tree)
rm -f "$GIT_INDEX_FILE"
echo "$CW_TASK_ID $tree" >> "$HOME/verified"
test -f "out/$CW_TASK_ID.txt"
`;

function task(id: string, more: object = {}): object {
  const files = SHARING.includes(id) ? { files: [`out/${id}.txt`, SHARED] } : {};
  return { id, title: `Make ${id}`, prompt: `Write out/${id}.txt.`, ...files, ...more };
}

const dependent = (id: string): object => task(id, { depends_on: NEEDS[id] });

const ROADMAP = {
  version: 1,
  project: 'twenty',
  defaults: { verify: 'sh ./verify.sh' },
  initiatives: [
    {
      id: 'all',
      title: 'All',
      phases: [
        {
          id: '1',
          title: 'Ground',
          plans: [
            { id: 'ground', title: 'Ground', tasks: ['a1', 'a2', 'a3', 'a4'].map((id) => task(id)) },
            { id: 'side', title: 'Side', tasks: ['a5', 'a6', 'a7', 'a8'].map((id) => task(id)) },
          ],
        },
        {
          id: '2',
          title: 'Walls',
          plans: [
            { id: 'walls', title: 'Walls', tasks: ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'].map(dependent) },
            {
              id: 'beams',
              title: 'Beams',
              tasks: ['b7', 'b8'].map((id) => task(id, { depends_on: ['ground'] })),
            },
          ],
        },
        {
          id: '3',
          title: 'Roof',
          tasks: [
            dependent('c1'),
            task('c2', { depends_on: ['walls'] }),
            task('c3', { depends_on: ['1'] }),
            task('c4', { depends_on: ['beams'] }),
          ],
        },
      ],
    },
  ],
};

function turn(id: string): readonly Action[] {
  const needed = (NEEDS[id] ?? []).map((each) => `out/${each}.txt`);
  return [
    // A session is known from the first word on.
    { print: `begin ${id}` },
    { expect: needed },
    { gather: MAX_AGENTS },
    // Long enough to be met by a successor, or by one agent too many.
    { work: 150 },
    { write: `out/${id}.txt`, text: `${id} after ${(NEEDS[id] ?? []).join(' ')}\n` },
    ...(SHARING.includes(id) ? [{ addLine: id, to: SHARED }] : []),
    { result: { status: 'done', summary: `made ${id}` } },
  ];
}

const SCRIPT: Script = Object.fromEntries(TASKS.map((id) => [id, [turn(id)]]));

/** Twenty tasks on two levels of dependencies, with containers and a file lock, each checked on the merged tree. */
export const TWENTY_TASKS: ProjectOptions = {
  roadmap: ROADMAP,
  script: SCRIPT,
  config: { ...UNCONFINED, maxAgents: MAX_AGENTS },
  files: { 'README.md': 'Hello\n', 'verify.sh': VERIFY },
};

/** The tasks in the order in which they entered the integration branch. */
export function mergedTasks({ repo }: E2eProject): readonly string[] {
  const format = '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x2C)';
  return repo.git('log', '--first-parent', '--reverse', format, 'main..cw/integration').split('\n');
}

export function assertMergedOnceInOrder(project: E2eProject): void {
  const merged = mergedTasks(project);
  assert.deepEqual([...merged].sort(), [...TASKS].sort(), 'each task is merged exactly once');
  for (const [id, needs] of Object.entries(NEEDS)) {
    for (const need of needs) assert.ok(merged.indexOf(need) < merged.indexOf(id), `${need} before ${id}`);
  }
}

/** Every merge was checked on exactly the content that it brought. */
export function assertVerified({ repo, home }: E2eProject): void {
  const log = repo.git(
    'log',
    '--first-parent',
    '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x2C) %T',
    'main..cw/integration',
  );
  const verified = new Set(readFileSync(join(home, 'verified'), 'utf8').trim().split('\n'));
  assert.deepEqual(
    log.split('\n').filter((line) => !verified.has(line)),
    [],
    'merges whose tree no check has seen',
  );
}

/** Attempts of one task never overlapped, and no more agents than allowed were ever alive. */
export function assertNoOverlap(project: E2eProject): void {
  const starts = project.starts();
  assert.deepEqual(
    starts
      .filter(({ beside }) => beside.length > 0)
      .map(({ task: id, pid, beside }) => ({ id, pid, beside })),
    [],
    'attempts of one task at the same time',
  );
  assert.deepEqual(
    starts.filter(({ alive }) => alive > MAX_AGENTS).map(({ task: id, alive }) => ({ id, alive })),
    [],
    'more agents than allowed',
  );
}

/** No worktree of a task, no branch of a task, no process. */
export function assertNothingLeft(project: E2eProject): void {
  const { repo } = project;
  assert.deepEqual(project.processes(), []);
  const worktrees = readdirSync(join(repo.root, '.codewalk', 'worktrees'));
  assert.deepEqual(
    worktrees.filter((name) => !name.startsWith('.pool-')),
    [],
    'worktrees of tasks',
  );
  assert.ok(worktrees.length <= MAX_AGENTS, 'the pool of worktrees has a bound');
  const refs = repo.git('for-each-ref', '--format=%(refname)').split('\n');
  assert.deepEqual(
    refs.filter((ref) => ref !== 'refs/stash'),
    ['refs/heads/cw/integration', 'refs/heads/main'],
  );
}

export function assertGapless(events: readonly PrintedEvent[]): void {
  assert.ok(events.length > 0);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
}
