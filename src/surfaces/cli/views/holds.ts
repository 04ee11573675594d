import type { Hold } from '../../../core/dispatch/orchestrator.ts';
import { count, money } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';

/** Why a run ended although tasks were ready, and what lets them go on. */
export function renderHolds(holds: readonly Hold[], paint: Paint): string[] {
  return holds.flatMap((hold) => {
    if (hold.kind === 'account') {
      const { account } = hold.standing;
      return [
        `${paint('yellow', '!')} ${count(hold.tasks.length, 'task')} ${hold.tasks.length === 1 ? 'waits' : 'wait'} for ${safeLine(account)}`,
      ];
    }
    const { scope, limitUsd, spentUsd } = hold.budget;
    const text = `The budget of ${money(limitUsd)} for this ${scope} is spent (${money(spentUsd)}): nothing more was started.`;
    const next =
      scope === 'run'
        ? 'cw run   spends as much again; or raise budget.runUsd, or give --budget-usd'
        : `cw config set budget.dayUsd ${Math.ceil(limitUsd * 2)}   or go on tomorrow`;
    return [`${paint('yellow', '!')} ${text}`, `    ${paint('dim', next)}`];
  });
}
