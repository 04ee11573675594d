import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decidePause, decideResume } from '../../src/core/tasks/commands.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import {
  Attempt,
  claimAny,
  commit,
  type Databases,
  finish,
  id,
  person,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

export function pauseContract(databases: Databases): void {
  describe('pauses', () => {
    async function storeWith(t: Parameters<typeof projectOf>[1], plan: Parameters<typeof planOf>[0]) {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf(plan), SOURCE);
      return store;
    }

    test('a paused task is not claimed, also when all that it waits for is done, until it is resumed', async (t) => {
      const store = await storeWith(t, { a: {}, b: { needs: ['a'] }, c: {} });
      await pause(store, 'b', 'tomorrow');
      await pause(store, 'c');
      assert.deepEqual(await ready(store), ['a']);
      await finish(store, 'a');
      assert.deepEqual(await ready(store), []);
      const counts = await store.counts();
      assert.deepEqual([counts.ready, counts.paused], [0, 2]);
      const b = await store.task(id('b'));
      assert.deepEqual(
        [b?.state, b?.pendingNeeds, b?.paused?.by, b?.paused?.reason],
        ['pending', 0, 'ann', 'tomorrow'],
      );
      const head = await store.head();
      await resume(store, 'b');
      assert.deepEqual(await typesSince(store, head), ['task.resumed']);
      assert.deepEqual(await ready(store), ['b']);
      assert.equal((await store.task(id('b')))?.paused, undefined);
    });

    test('a task at work is taken from its orchestrator with its sessions kept and no failure counted', async (t) => {
      const store = await storeWith(t, { a: {} });
      const a = await Attempt.start(store, 'a');
      await a.tell(a.stepStarted(1), {
        type: 'agent.session',
        ...a.about,
        step: 1,
        agent: 'coder',
        provider: 'fake',
        session: 's-1',
      });
      await pause(store, 'a');
      assert.equal((await a.try(a.done())).kind, 'lease-lost');
      assert.equal(await store.isAnyActive(), false);
      const resting = await store.task(id('a'));
      assert.deepEqual(
        [resting?.state, resting?.owner, resting?.failures, resting?.worktree],
        ['pending', undefined, 0, '/worktrees/a'],
      );
      assert.deepEqual(await ready(store), []);
      await resume(store, 'a');
      const again = await Attempt.start(store, 'a');
      assert.ok(again.claim.fence > a.claim.fence + 1);
      assert.deepEqual(
        (await store.sessions(id('a'))).map(({ session }) => session),
        ['s-1'],
      );
      await again.tell(again.done());
    });

    test('a question of a paused task stays open, its answer is taken, and the task goes on after it is resumed', async (t) => {
      const store = await storeWith(t, { a: {}, b: {} });
      const a = await Attempt.start(store, 'a');
      await a.tell(a.stepStarted(1), {
        type: 'question.asked',
        ...a.about,
        step: 1,
        stage: 'person',
        questions: [{ id: 'q1', question: 'Which?' }],
      });
      await pause(store, 'a');
      assert.equal((await store.task(id('a')))?.state, 'waiting_input');
      await store.command(id('a'), () => [
        { type: 'task.answered', task: id('a'), question: 'q1', answer: 'this', by: 'ann' },
      ]);
      assert.equal((await store.task(id('a')))?.state, 'pending');
      assert.deepEqual(await ready(store), ['b']);
      await resume(store, 'a');
      assert.deepEqual(await ready(store), ['a', 'b']);
    });

    test('a task whose merge may be visible is not paused', async (t) => {
      const store = await storeWith(t, { a: {} });
      const a = await Attempt.start(store, 'a');
      await a.tell({
        type: 'merge.queued',
        ...a.about,
        head: commit('1'),
        files: 1,
        insertions: 1,
        deletions: 0,
      });
      await a.tell({
        type: 'merge.intended',
        ...a.about,
        branch: 'main',
        expected: commit('b'),
        commit: commit('2'),
      });
      const refused = await store.command(id('a'), (task) => decidePause(task, { by: 'ann', reason: '' }));
      assert.equal(refused.kind, 'refused');
      const paused = await store.pauseProject({ by: 'ann', reason: '', now: true });
      assert.deepEqual([paused.stopped, paused.atWork], [[], ['a']]);
      await a.tell(a.done());
    });

    test('the end of a task ends its pause; one that leaves the roadmap and comes back is paused as before', async (t) => {
      const store = await storeWith(t, { a: {}, b: {}, c: {} });
      for (const name of ['a', 'b', 'c']) await pause(store, name);
      await person(store, 'a', 'cancelled');
      await person(store, 'b', 'skipped');
      await person(store, 'a', 'reset');
      await store.sync(planOf({ a: {}, b: {} }), { ...SOURCE, hash: 'two' }, { confirmed: true });
      assert.deepEqual(await states(store), { a: 'pending', b: 'skipped', c: 'archived' });
      assert.deepEqual(await ready(store), ['a']);
      await store.sync(planOf({ a: {}, b: {}, c: {} }), { ...SOURCE, hash: 'three' });
      assert.equal((await store.task(id('c')))?.paused?.by, 'ann');
      assert.deepEqual(await ready(store), ['a']);
    });

    test('a failure before it blocks a paused task, and a retry frees it, paused as before', async (t) => {
      const store = await storeWith(t, { a: {}, b: { needs: ['a'] } });
      await pause(store, 'b');
      await person(store, 'a', 'cancelled');
      assert.deepEqual(await states(store), { a: 'cancelled', b: 'blocked' });
      await person(store, 'a', 'reset');
      await finish(store, 'a');
      assert.deepEqual(await ready(store), []);
      assert.equal((await store.task(id('b')))?.paused?.by, 'ann');
    });

    test('in a paused project no orchestrator claims, and what is at work goes on to its end', async (t) => {
      const { open } = await projectOf(databases, t);
      const [store, other] = [await open(), await open()];
      await store.sync(planOf({ a: {}, b: {}, c: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const head = await store.head();
      const paused = await store.pauseProject({ by: 'ann', reason: 'lunch', now: false });
      assert.deepEqual([paused.stood, paused.stopped, paused.atWork], [false, [], ['a']]);
      assert.deepEqual(await typesSince(store, head), ['project.paused']);
      await a.tell(a.done());
      for (const each of [store, other]) {
        assert.deepEqual(await claimAny(each, 4), []);
        const standing = await each.pause();
        assert.deepEqual([standing?.by, standing?.reason], ['ann', 'lunch']);
      }
      assert.equal((await store.counts()).ready, 2);
      const again = await other.pauseProject({ by: 'ben', reason: '', now: false });
      assert.deepEqual([again.stood, again.pause.by], [true, 'ann']);
      assert.equal((await other.resumeProject('ben'))?.by, 'ann');
      assert.equal(await other.resumeProject('ben'), undefined);
      assert.deepEqual(
        (await claimAny(store, 4)).map(({ task }) => task),
        ['b', 'c'],
      );
    });

    test('a pause at once takes what is at work back into the queue, where it waits for the project', async (t) => {
      const store = await storeWith(t, { a: {}, b: {} });
      const [a, b] = [await Attempt.start(store, 'a'), await Attempt.start(store, 'b')];
      await store.pauseProject({ by: 'ann', reason: '', now: false });
      const head = await store.head();
      const paused = await store.pauseProject({ by: 'ann', reason: '', now: true });
      assert.deepEqual([paused.stood, paused.stopped, paused.atWork], [false, ['a', 'b'], []]);
      assert.deepEqual(await typesSince(store, head), ['project.paused', 'task.released', 'task.released']);
      assert.equal((await a.try(a.done())).kind, 'lease-lost');
      assert.equal((await b.try(b.done())).kind, 'lease-lost');
      assert.deepEqual(await ready(store), []);
      await store.resumeProject('ann');
      assert.deepEqual(await ready(store), ['a', 'b']);
      assert.equal((await store.task(id('a')))?.failures, 0);
    });

    test('another project in the same database is not paused with it', async (t) => {
      const { open, project } = await projectOf(databases, t);
      const [store, other] = [await open(), await open(`${project}-other`)];
      for (const each of [store, other]) await each.sync(planOf({ a: {} }), SOURCE);
      await store.pauseProject({ by: 'ann', reason: '', now: false });
      assert.deepEqual(await ready(store), []);
      assert.deepEqual(await ready(other), ['a']);
    });
  });
}

async function pause(store: Store, task: string, reason = ''): Promise<void> {
  const outcome = await store.command(id(task), (found) => decidePause(found, { by: 'ann', reason }));
  assert.equal(outcome.kind, 'recorded', JSON.stringify(outcome));
}

async function resume(store: Store, task: string): Promise<void> {
  const outcome = await store.command(id(task), (found) => decideResume(found, 'ann'));
  assert.equal(outcome.kind, 'recorded', JSON.stringify(outcome));
}
