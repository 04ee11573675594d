import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Store } from '../../src/core/tasks/ports.ts';
import { TASK_STATES } from '../../src/core/tasks/states.ts';
import {
  Attempt,
  type Databases,
  finish,
  id,
  planOf,
  projectOf,
  ready,
  renamed,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

const WORKER = join(import.meta.dirname, 'sync-worker.ts');

/** The plan with what some of its tasks were called before. */
async function asks(attempt: Attempt): Promise<void> {
  const questions = [{ id: 'q', question: 'Really?' }];
  await attempt.tell({ type: 'task.asked', ...attempt.about, step: 1, questions });
}

export function editContract(databases: Databases): void {
  const opened = async (t: Parameters<typeof projectOf>[1]): Promise<Store> =>
    await (await projectOf(databases, t)).open();

  describe('edits', () => {
    test('S0-16 a process that is killed inside a sync leaves the old plan whole', async (t) => {
      const { url, project, open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const before = [await store.tasks({ states: TASK_STATES }), await store.head()];
      const worker = spawn(process.execPath, [WORKER, url, project], { stdio: 'ignore' });
      const [, signal] = await once(worker, 'exit');
      assert.equal(signal, 'SIGKILL', 'it came as far as that');
      assert.deepEqual([await store.tasks({ states: TASK_STATES }), await store.head()], before);
      assert.equal(await store.getMeta('roadmap_hash'), SOURCE.hash);
      await store.sync(planOf({ a: { prompt: 'new' }, b: {} }), SOURCE);
      assert.equal((await store.task(id('a')))?.definition.prompt, 'new');
    });

    test('S0-15 S0-22 an edit of a task at work is remembered with what its agent knows, until it is told', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const head = await store.head();
      await store.sync(
        planOf({ a: { prompt: 'Do more', timeoutMs: 9_000 }, b: { prompt: 'Other' } }),
        SOURCE,
      );
      assert.deepEqual(await typesSince(store, head), ['roadmap.synced', 'task.edited']);
      const [, edited] = await store.events(head);
      assert.deepEqual(edited?.type === 'task.edited' && [edited.fields, edited.stale], [
        ['prompt', 'timeout'],
        true,
      ]);
      const stale = async (task = 'a') => (await store.task(id(task)))?.stale;
      assert.deepEqual(await stale(), [{ field: 'prompt', before: 'Do a' }]);
      assert.deepEqual(await stale('b'), [], 'nobody has worked on it by the older text');

      const seen = (await store.task(id('a')))?.revision ?? '';
      await store.sync(planOf({ a: { prompt: 'Do even more' }, b: {} }), SOURCE);
      const refreshed = { type: 'task.refreshed', ...a.about, fields: ['prompt'] } as const;
      await a.tell({ ...refreshed, revision: seen });
      assert.deepEqual(await stale(), [{ field: 'prompt', before: 'Do a' }], 'another edit came meanwhile');
      await store.sync(planOf({ first: {}, a: { prompt: 'Do even more' }, b: {} }), SOURCE);
      await a.tell({ ...refreshed, revision: (await store.task(id('a')))?.revision ?? '' });
      assert.deepEqual(await stale(), []);
    });

    test('an edit that is taken back leaves nothing to be told', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {} }), SOURCE);
      await Attempt.start(store, 'a');
      await store.sync(planOf({ a: { prompt: 'Do more' } }), SOURCE);
      await store.sync(planOf({ a: {} }), SOURCE);
      assert.deepEqual((await store.task(id('a')))?.stale, []);
    });

    test('S0-54 a removed task that waits for an answer is archived, and its question withdrawn', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      await asks(await Attempt.start(store, 'a'));
      await store.sync(planOf({ b: {}, c: {} }), SOURCE);
      assert.equal((await states(store))['a'], 'archived');
      assert.deepEqual(await store.questions({ open: true }), []);
    });

    test('S0-54 with onRemoved cancel a running task is taken from its orchestrator, one that merges is not', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: {}, c: {}, d: {}, e: {} }), SOURCE);
      const [a, b] = [await Attempt.start(store, 'a'), await Attempt.start(store, 'b')];
      const queued = { head: '1'.repeat(40) as never, files: 1, insertions: 1, deletions: 0 };
      await b.tell({ type: 'merge.queued', ...b.about, ...queued });
      await store.sync(planOf({ c: {}, d: {}, e: {} }), SOURCE, { onRemoved: 'cancel' });
      assert.equal((await a.try(a.done())).kind, 'lease-lost');
      await b.tell(b.done());
      const { a: first, b: second } = await states(store);
      assert.deepEqual([first, second], ['archived', 'archived']);
    });

    test('S0-55 a plan that loses most open tasks is held, and nothing of it is written', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: {}, c: {}, done: { initialState: 'done' } }), SOURCE);
      const before = [await store.tasks({ states: TASK_STATES }), await store.head()];
      const lost = planOf({ c: { prompt: 'new' }, d: {} });
      const source = { path: 'roadmap.yaml', hash: 'lost' };
      const result = await store.sync(lost, source);
      assert.deepEqual(result.held, { removed: ['a', 'b'], open: 3 });
      assert.deepEqual([await store.tasks({ states: TASK_STATES }), await store.head()], before);
      assert.equal(await store.getMeta('roadmap_hash'), SOURCE.hash);
      assert.deepEqual((await store.diff(lost)).held, result.held);

      await store.setMeta('roadmap_confirmed', 'another file');
      assert.ok((await store.sync(lost, source)).held);
      await store.setMeta('roadmap_confirmed', 'lost');
      assert.deepEqual((await store.sync(lost, source)).removed, ['a', 'b', 'done']);
    });

    test('S0-14 a preview tells what a sync then does, and writes nothing', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {} }), SOURCE);
      await Attempt.start(store, 'a');
      await finish(store, 'b');
      const head = await store.head();
      const next = renamed(
        planOf({
          a: { title: 'Another' },
          b: { prompt: 'too late' },
          c: { needs: ['a'] },
          new: {},
          dd: { title: 'Title of d', prompt: 'Do d' },
          f: { initialState: 'cancelled' },
          g: {},
        }),
        { dd: ['d'] },
      );
      const { tasks, unchanged } = await store.diff(next);
      assert.deepEqual(
        tasks.map((one) => [
          one.kind,
          one.from ?? '',
          one.id,
          one.state,
          one.fields.map(({ field }) => field),
          one.effects,
        ]),
        [
          ['changed', '', 'a', 'running', ['title'], ['stale']],
          ['changed', '', 'b', 'done', ['prompt'], ['none']],
          ['changed', '', 'c', 'pending', ['depends_on'], ['applies']],
          ['added', '', 'new', undefined, [], ['applies']],
          ['renamed', 'd', 'dd', 'pending', [], ['applies']],
          ['changed', '', 'f', 'pending', ['status'], ['cancelled']],
          ['removed', '', 'e', 'pending', [], ['archived']],
        ],
      );
      assert.equal(await store.head(), head);
      const result = await store.sync(next, { path: 'roadmap.yaml', hash: 'next' });
      assert.deepEqual(result, {
        added: ['new'],
        changed: ['a', 'b', 'c', 'f'],
        removed: ['e'],
        renamed: [{ from: 'd', to: 'dd' }],
        unchanged,
      });
      assert.deepEqual((await store.diff(next)).tasks, []);
    });
  });

  describe('renames', () => {
    test('S0-54 state, attempts, steps, sessions, questions and costs go on under the new id', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const session = { step: 1, agent: 'coder', provider: 'fake', session: 's1' };
      await a.tell(a.stepStarted(1), { type: 'agent.session', ...a.about, ...session }, a.stepFinished(1));
      await asks(a);
      const before = await store.task(id('a'));
      const head = await store.head();
      const next = renamed(planOf({ z: { title: 'Title of a', prompt: 'Do a' }, b: { needs: ['z'] } }), {
        z: ['a'],
      });
      const result = await store.sync(next, SOURCE);
      assert.deepEqual(result.renamed, [{ from: 'a', to: 'z' }]);
      assert.deepEqual([result.added, result.changed, result.removed], [[], [], []]);
      assert.deepEqual(await typesSince(store, head), ['roadmap.synced', 'task.renamed']);
      const after = await store.task(id('z'));
      assert.deepEqual(
        { ...after, definition: before?.definition, revision: '' },
        { ...before, id: 'z', revision: '' },
      );
      assert.equal(after?.place, 'a', 'its branch and worktree keep their names');
      assert.equal(await store.task(id('a')), undefined);
      assert.deepEqual(
        [await store.steps(id('z')), await store.sessions(id('z'))].map((list) =>
          list.map(({ task }) => task),
        ),
        [['z'], ['z']],
      );
      const types = (await store.events(0, { task: id('z') })).map(({ type }) => type);
      assert.ok(types.includes('task.claimed') && types.at(-1) === 'task.renamed', 'its history is whole');

      assert.equal((await store.questions({ open: true }))[0]?.task, 'z');
      await store.command(id('z'), () => [
        { type: 'task.answered', task: id('z'), question: 'q', answer: 'yes', by: 'ann' },
      ]);
      await finish(store, 'z');
      assert.deepEqual(await ready(store), ['b'], 'who waited for it waits under its new id');
    });

    test('S0-54 a task at work gets its new id when its attempt is over, and runs once', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const next = renamed(planOf({ z: {}, b: { needs: ['z'] } }), { z: ['a'] });
      const source = { path: 'roadmap.yaml', hash: 'renamed' };
      const waits = await store.sync(next, source);
      assert.deepEqual(waits.deferred, [{ from: 'a', to: 'z' }]);
      assert.equal(await store.getMeta('roadmap_hash'), SOURCE.hash, 'the next look finds it again');
      assert.deepEqual(await states(store), { a: 'running', b: 'pending' });
      const head = await store.head();
      await store.sync(next, source);
      assert.equal(await store.head(), head, 'looking again changes nothing');
      await a.tell(a.done());
      const { renamed: done, deferred } = await store.sync(next, source);
      assert.deepEqual([done, deferred], [[{ from: 'a', to: 'z' }], undefined]);
      assert.equal(await store.getMeta('roadmap_hash'), 'renamed');
      assert.deepEqual(await states(store), { z: 'done', b: 'pending' });
      assert.deepEqual(await ready(store), ['b']);
    });

    test('ids that go round in a circle change places with all that belongs to them, once', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: { prompt: 'A' }, b: { prompt: 'B' }, c: { needs: ['a'] } }), SOURCE);
      await finish(store, 'a');
      const next = renamed(
        planOf({
          b: { prompt: 'A', title: 'Title of a' },
          a: { prompt: 'B', title: 'Title of b' },
          c: { needs: ['b'] },
        }),
        { a: ['b'], b: ['a'] },
      );
      await store.sync(next, SOURCE);
      assert.deepEqual(await states(store), { b: 'done', a: 'pending', c: 'pending' });
      const head = await store.head();
      const again = await store.sync(next, SOURCE);
      assert.deepEqual(again.renamed, []);
      assert.equal(await store.head(), head, 'what was followed once means nothing more');
      const claimed = await Attempt.start(store, 'a');
      assert.equal(claimed.claim.claimed.place, 'a.2', 'the branch cw/a is that of b now');
      assert.ok((await store.events(0, { task: id('b') })).some(({ type }) => type === 'task.done'));
      assert.ok(!(await store.events(0, { task: id('a') })).some(({ type }) => type === 'task.done'));
    });

    test('ids that move up one after the other each make room for the next', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: { prompt: 'A' }, b: { prompt: 'B' } }), SOURCE);
      await finish(store, 'b');
      const next = renamed(planOf({ b: { prompt: 'A' }, c: { prompt: 'B' } }), { b: ['a'], c: ['b'] });
      await store.sync(next, SOURCE);
      assert.deepEqual(await states(store), { b: 'pending', c: 'done' });
    });

    test('a new task with the id that another one had before works in a place of its own', async (t) => {
      const store = await opened(t);
      await store.sync(planOf({ a: {} }), SOURCE);
      const first = await Attempt.start(store, 'a');
      await first.tell({ type: 'task.released', ...first.about, reason: 'stopped' });
      await store.sync(renamed(planOf({ z: {} }), { z: ['a'] }), SOURCE);
      await store.sync(planOf({ z: {}, a: {} }), SOURCE);
      const places = (await store.tasks()).map((task) => [task.id, task.place]);
      assert.deepEqual(places, [
        ['z', 'a'],
        ['a', 'a.2'],
      ]);
      assert.deepEqual(
        (await store.tasks({ places: [id('a')] })).map((task) => task.id),
        ['z'],
      );
      assert.equal(await store.addTask(planOf({ 'a.2': {} }).tasks[0]?.definition as never, 'ann'), 'exists');
    });

    test('a container with a new id changes no task', async (t) => {
      const store = await opened(t);
      const first = planOf(
        { a: { path: { phase: 'one' } }, b: { needs: ['gate:one'], dependsOn: ['one'] } },
        { one: ['a'] },
      );
      await store.sync(first, SOURCE);
      const second = planOf(
        { a: { path: { phase: 'two' } }, b: { needs: ['gate:two'], dependsOn: ['two'] } },
        { two: ['a'] },
      );
      const result = await store.sync({ ...second, renamedContainers: new Map([['one', 'two']]) }, SOURCE);
      assert.deepEqual(result, { added: [], changed: [], removed: [], renamed: [], unchanged: 2 });
      await finish(store, 'a');
      assert.deepEqual(await ready(store), ['b']);
    });
  });
}
