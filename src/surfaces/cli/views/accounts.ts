import { type AccountStanding, needsPerson, phaseOf } from '../../../core/resilience/breaker.ts';
import { duration } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { cut } from '../width.ts';

/** One word for how an account stands. */
export function accountState(standing: AccountStanding | undefined): string {
  if (standing?.cause === undefined) return 'works';
  return standing.cause === 'auth' ? 'refused' : standing.cause;
}

/** An account for programs; one that nothing is known against is `works`. */
export function accountJson(account: string, standing: AccountStanding | undefined): object {
  const isClosed = standing?.cause !== undefined;
  return {
    account,
    state: accountState(standing),
    until: isClosed ? new Date(standing.until).toISOString() : null,
    failures: standing?.failures ?? 0,
    trial: standing?.trial ?? null,
    reason: isClosed ? standing.reason : null,
  };
}

/** When an account takes work again, in words. */
export function accountReturn(standing: AccountStanding, now: number): string {
  if (phaseOf(standing, now) === 'open') return `for ${duration(standing.until - now)} more`;
  return standing.trial === undefined
    ? 'until a task has tried it'
    : `${safeLine(standing.trial)} tries it now`;
}

/** Accounts that take no work, each with the reason and the command that brings it back by hand. */
export function renderAccounts(
  accounts: readonly AccountStanding[],
  options: { now: number; width: number; paint: Paint },
): string[] {
  const { now, width, paint } = options;
  return accounts.flatMap((standing) => {
    if (standing.cause === undefined) return [];
    const { account, reason } = standing;
    const person = needsPerson(standing);
    const what = person
      ? standing.cause === 'auth'
        ? 'refuses its credential'
        : 'has no money left'
      : `takes no work (${standing.cause}), ${accountReturn(standing, now)}`;
    const line = cut(safeLine(`${account} ${what}: ${reason}`), width - 2);
    const next = person ? `cw provider resume ${safeLine(account)}   when you have mended it` : '';
    return [
      `${paint(person ? 'red' : 'yellow', person ? '✗' : '⏸')} ${line}`,
      ...(next === '' ? [] : [`    ${paint('dim', next)}`]),
    ];
  });
}
