import type { Hold } from '../../../core/dispatch/hold.ts';
import { count, money } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { pauseHoldLines } from './pauses.ts';

/** Why a run ended although tasks were ready, and what lets them go on. */
export function renderHolds(holds: readonly Hold[], paint: Paint): string[] {
  return holds.flatMap((hold) => {
    if (hold.kind === 'account') {
      const { account } = hold.standing;
      return [
        `${paint('yellow', '!')} ${count(hold.tasks.length, 'task')} ${hold.tasks.length === 1 ? 'waits' : 'wait'} for ${safeLine(account)}`,
      ];
    }
    if (hold.kind === 'review') {
      const { waiting, limit, tasks } = hold;
      return reviewLines({ waiting, maxWaiting: limit, held: tasks.length }, paint);
    }
    if (hold.kind !== 'budget') return pauseHoldLines(hold, paint);
    const { scope, limitUsd, spentUsd } = hold.budget;
    const text = `The budget of ${money(limitUsd)} for this ${scope} is spent (${money(spentUsd)}): nothing more was started.`;
    const next =
      scope === 'run'
        ? 'cw run   spends as much again; or raise budget.runUsd, or give --budget-usd'
        : `cw config set budget.dayUsd ${Math.ceil(limitUsd * 2)}   or go on tomorrow`;
    return [`${paint('yellow', '!')} ${text}`, `    ${paint('dim', next)}`];
  });
}

/** That no new task begins before a person has looked at what waits. */
export function reviewLines(
  { waiting, maxWaiting, held }: { waiting: number; maxWaiting: number; held: number },
  paint: Paint,
): string[] {
  const begin = held === 1 ? '1 task does not begin' : `${held} tasks do not begin`;
  const text = `${begin}: ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for your approval, and review.maxWaiting is ${maxWaiting}.`;
  return [`${paint('yellow', '!')} ${text}`, `    ${paint('dim', 'cw inbox')}`];
}
