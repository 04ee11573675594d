import type { Config } from '../config/schema.ts';
import { UsageError } from '../errors.ts';
import { accountOf } from '../resilience/accounts.ts';
import { type AccountStanding, healthy, resume } from '../resilience/breaker.ts';
import { nearest } from '../source/nearest.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi, ProviderView } from './ports.ts';

/** How the providers' accounts stand, and setting one going again. */
export function accountOperations(parts: ProjectParts): Pick<ProjectApi, 'providers' | 'resumeAccount'> {
  return {
    providers: async () => {
      const accounts = (await parts.hasState()) ? await (await parts.store()).accounts() : [];
      return providerViews(await parts.config(), accounts);
    },
    resumeAccount: async ({ name }) => {
      const store = await parts.store();
      const views = providerViews(await parts.config(), await store.accounts());
      const known = new Map(views.map((view) => [view.name, view.account]));
      for (const account of [...known.values()]) known.set(account, known.get(account) ?? account);
      const account = known.get(name);
      if (account === undefined) throw unknown(name, [...known.keys()]);
      let before = healthy(account);
      await store.changeAccount(account, (standing) => {
        before = standing;
        return resume(standing);
      });
      return { account, before };
    },
  };
}

/** The config's providers, then accounts that only the store knows, such as one that was renamed. */
function providerViews(config: Config, accounts: readonly AccountStanding[]): readonly ProviderView[] {
  const standings = new Map(accounts.map((standing) => [standing.account, standing]));
  const views = Object.entries(config.providers).map(([name, provider]): ProviderView => {
    const account = accountOf({ name, ...provider });
    const { type, fallback = [] } = provider;
    return { name, type, account, fallback, standing: standings.get(account) };
  });
  const others = accounts.filter(({ account }) => !views.some((view) => view.account === account));
  return [
    ...views,
    ...others.map((standing): ProviderView => {
      const { account } = standing;
      return { name: account, type: '-', account, fallback: [], standing };
    }),
  ];
}

function unknown(name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known);
  return new UsageError('UNKNOWN_PROVIDER', `There is no provider or account "${name}".`, {
    advice: meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  });
}
