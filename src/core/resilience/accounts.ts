import type { TurnOutcome } from '../agents/outcome.ts';
import type { ProviderSpec } from '../agents/ports.ts';
import type { Config } from '../config/schema.ts';
import { crashPoint } from '../crash-points.ts';
import type { TaskId } from '../ids.ts';
import type { Store } from '../tasks/ports.ts';
import {
  type AccountStanding,
  afterTurn,
  type BreakerPolicy,
  healthy,
  mayUse,
  takeTrial,
} from './breaker.ts';
import { reportOf } from './turn-report.ts';

/** Whose limits and failures a provider shares. */
export function accountOf(provider: Pick<ProviderSpec, 'name' | 'account'>): string {
  return provider.account ?? provider.name;
}

export type Admission =
  /** `isTrial`: it was cut off, and this task tries whether it works again. */
  | { kind: 'admitted'; account: string; isTrial: boolean }
  /** None takes the task; this is the first of them. */
  | { kind: 'refused'; standing: AccountStanding };

interface Parts {
  readonly store: Pick<Store, 'accounts' | 'changeAccount'>;
  readonly config: Pick<Config, 'breaker' | 'retry'>;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

/**
 * The provider accounts as one orchestrator sees them. What the store last said is kept, so that turns on accounts
 * that work cost the store nothing; it is asked before any turn on one that something is known against, and told of
 * every turn that changes how an account stands.
 */
export class Accounts {
  readonly #parts: Parts;
  #known: Readonly<Record<string, AccountStanding>> = {};

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The store said this just now. */
  seen(known: Readonly<Record<string, AccountStanding>>): void {
    this.#known = known;
  }

  async refresh(): Promise<void> {
    const standings = await this.#parts.store.accounts();
    this.#known = Object.fromEntries(standings.map((standing) => [standing.account, standing]));
  }

  /** The first of the accounts that takes the task now. */
  async admit(task: TaskId, accounts: readonly string[]): Promise<Admission> {
    let refused: AccountStanding | undefined;
    for (const account of accounts) {
      if (this.#knownOf(account)?.cause === undefined) return { kind: 'admitted', account, isTrial: false };
      const { store } = this.#parts;
      const standing = await store.changeAccount(account, (before, facts) => takeTrial(before, task, facts));
      this.#keep(standing);
      if (mayUse(standing, task)) {
        return { kind: 'admitted', account, isTrial: standing.cause !== undefined };
      }
      refused ??= standing;
    }
    return { kind: 'refused', standing: refused ?? healthy('') };
  }

  /** Tells what a turn of the task says about the account. */
  async report(account: string, task: TaskId, outcome: TurnOutcome): Promise<void> {
    const report = reportOf(outcome);
    const isNews = report.kind !== 'worked' && report.kind !== 'silent';
    if (!isNews && this.#knownOf(account) === undefined) return;
    // Drawn before: the change itself may be made again.
    const policy = this.#policy();
    const standing = await this.#parts.store.changeAccount(account, (before, facts) =>
      afterTurn(before, { task, report, policy }, facts),
    );
    crashPoint('account.changed');
    this.#keep(standing);
  }

  #knownOf(account: string): AccountStanding | undefined {
    return Object.hasOwn(this.#known, account) ? this.#known[account] : undefined;
  }

  #keep(standing: AccountStanding): void {
    const { [standing.account]: _, ...others } = this.#known;
    const isHealthy = standing.cause === undefined && standing.failures === 0;
    this.#known = isHealthy ? others : { ...others, [standing.account]: standing };
  }

  #policy(): BreakerPolicy {
    const { breaker, retry } = this.#parts.config;
    return { ...breaker, limitMs: retry.maxMs, spreadMs: retry.baseMs, random: this.#parts.random() };
  }
}
