import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseProposal } from '../../src/core/planning/proposal.ts';
import { type Databases, id, planOf, projectOf, SOURCE } from './store-kit.ts';

const TASK = { id: 'a', title: 'A', prompt: 'Write a.txt with one line in it.' };

function proposed(part: Record<string, unknown> = {}) {
  const read = parseProposal({ title: 'Plan', tasks: [TASK], ...part });
  assert.ok(read.kind === 'parsed');
  return { id: id('plan-a'), goal: 'A thing', issues: ['One'], proposal: read.proposal, notes: ['weak'] };
}

export function planContract(databases: Databases): void {
  describe('plans', () => {
    async function opened(t: Parameters<typeof projectOf>[1]) {
      const store = await (await projectOf(databases, t)).open();
      await store.sync(planOf({ b: {} }), SOURCE);
      const { needs: _, ...definition } = { needs: [], ...(await store.task(id('b')))?.definition };
      await store.addTask(
        { ...definition, id: id('plan-a'), planning: { goal: 'A thing', issues: ['One'] } } as never,
        'ann',
      );
      return store;
    }

    test('a proposal is kept as it is, and its task may replace it', async (t) => {
      const store = await opened(t);
      await store.keepPlan(proposed({ title: 'Old' }));
      await store.keepPlan(proposed({ serial: true }));
      const [plan, ...others] = await store.plans();
      assert.equal(others.length, 0);
      assert.deepEqual(
        [plan?.proposal, plan?.issues, plan?.notes, plan?.state, plan?.replaces, plan?.edited],
        [proposed({ serial: true }).proposal, ['One'], ['weak'], 'open', undefined, undefined],
      );
      const events = await store.events(0, { types: ['plan.proposed'] });
      assert.deepEqual(
        events.map((event) => event.type === 'plan.proposed' && [event.plan, event.tasks, event.serial]),
        [
          ['plan-a', 1, false],
          ['plan-a', 1, true],
        ],
      );
    });

    test('what a person made of a proposal is kept until it is settled', async (t) => {
      const store = await opened(t);
      await store.keepPlan(proposed());
      await store.amendPlan(id('plan-a'), { text: 'tasks: []', onto: 'abc' });
      assert.deepEqual((await store.plans({ open: true }))[0]?.edited, { text: 'tasks: []', onto: 'abc' });
    });

    test('a proposal is settled once, and its task leaves the lists with it', async (t) => {
      const store = await opened(t);
      await store.keepPlan(proposed());
      await store.command(id('plan-a'), () => [{ type: 'task.cancelled', task: id('plan-a'), by: 'ann' }]);
      const how = { to: 'applied' as const, added: [id('a')], by: 'ann' };
      assert.equal(await store.settlePlan(id('plan-a'), how), true);
      assert.equal(await store.settlePlan(id('plan-a'), how), false);
      const [plan] = await store.plans({ id: id('plan-a') });
      assert.deepEqual([plan?.state, plan?.added, plan?.settledBy], ['applied', ['a'], 'ann']);
      assert.deepEqual(await store.plans({ open: true }), []);
      assert.equal((await store.task(id('plan-a')))?.state, 'archived');
      assert.deepEqual(
        (await store.events(0, { types: ['plan.applied', 'task.archived'] })).map(({ type }) => type),
        ['plan.applied', 'task.archived'],
      );
    });

    test('nobody settles a proposal that there is not', async (t) => {
      const store = await opened(t);
      assert.equal(await store.settlePlan(id('x'), { to: 'dropped', added: [], by: 'ann' }), false);
    });
  });
}
