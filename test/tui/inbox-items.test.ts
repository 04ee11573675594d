import assert from 'node:assert/strict';
import { test } from 'node:test';
import { update } from '../../src/surfaces/tui/update.ts';
import { anApp, aView, key, lines, press } from '../support/tui.ts';

const NOTHING_USED = {
  ...{ turns: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0, unpricedTokens: 0 },
};
const SPENT = { scope: 'day', limitUsd: 3, spentUsd: 4, leftUsd: 0 } as const;

/** What waits for the person, how it is listed, and what Enter asks the project for. */
const ITEMS = [
  {
    view: aView({ plans: [{ id: 'plan-a', goal: 'A shop', at: 1 }] }),
    row: '? plan plan-a  A shop',
    operation: 'plan',
  },
  {
    view: aView({ accounts: [{ account: 'claude', cause: 'auth', until: 1, reason: 'the key is refused' }] }),
    row: '✗ provider claude takes no work: the key is refused',
    operation: 'providers',
  },
  {
    view: aView({ spending: { total: NOTHING_USED, budgets: [SPENT] } }),
    row: '? budget $3.00 of this day are spent',
    operation: 'settings',
  },
  {
    view: aView({
      events: [{ type: 'delivery.refused', branch: 'cw/main', target: 'main', reason: 'it is checked out' }],
    }),
    row: '? delivery',
    operation: 'pending',
  },
];

test('S3-48 plans, refused accounts, spent budgets and refused deliveries wait in the inbox, each with what to do', () => {
  for (const { view, row, operation } of ITEMS) {
    const app = press(anApp({ view, size: { width: 90, height: 24 } }), '3');
    assert.ok(
      lines(app).some((line) => line.includes(row)),
      lines(app).join('\n'),
    );
    const [effect] = update(app, key('enter')).effects;
    assert.equal(effect?.kind === 'call' && effect.operation, operation);
  }
});

test('what goes on by itself does not wait for the person', () => {
  const limited = { account: 'claude', cause: 'limited', until: 1, reason: 'five hours' } as const;
  const about = { branch: 'cw/main', target: 'main' };
  const view = aView({
    accounts: [limited],
    spending: { total: NOTHING_USED, budgets: [{ ...SPENT, leftUsd: 1 }] },
    events: [
      { type: 'delivery.refused', ...about, reason: 'it is checked out' },
      { type: 'delivery.done', ...about, commit: '1'.repeat(40) as never, tasks: [] },
    ],
  });
  assert.deepEqual(view.inbox, []);
});
