import type { Config } from '../../../core/config/schema.ts';
import { UsageError } from '../../../core/errors.ts';
import { accountOf } from '../../../core/resilience/accounts.ts';
import { type AccountStanding, resume } from '../../../core/resilience/breaker.ts';
import { nearest } from '../../../core/source/nearest.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { table } from '../table.ts';
import { accountJson, accountReturn, accountState } from '../views/accounts.ts';

interface ProviderLine {
  readonly name: string;
  readonly type: string;
  readonly account: string;
  readonly fallback: readonly string[];
  readonly standing: AccountStanding | undefined;
}

export const providerList: Action = async (context) => {
  const { services } = context;
  const config = await services.config();
  const accounts = (await services.hasState()) ? await (await services.store()).accounts() : [];
  const lines = providerLines(config, accounts);
  if (context.json) {
    printJson(
      context,
      lines.map(({ name, type, account, fallback, standing }) => ({
        provider: name,
        type,
        fallback,
        ...accountJson(account, standing),
      })),
    );
    return EXIT.ok;
  }
  const now = services.now();
  printLines(
    context,
    table({
      columns: [
        { title: 'PROVIDER' },
        { title: 'ACCOUNT' },
        { title: 'STATE' },
        { title: 'FALLBACK' },
        { title: 'WHY', flexible: true },
      ],
      rows: lines.map(({ name, account, fallback, standing }) => [
        { text: safeLine(name), look: 'cyan' },
        { text: safeLine(account) },
        {
          text: accountState(standing),
          look: standing?.cause === undefined ? ('green' as const) : ('yellow' as const),
        },
        { text: fallback.length === 0 ? '-' : fallback.map(safeLine).join(', ') },
        {
          text:
            standing?.cause === undefined
              ? ''
              : `${accountReturn(standing, now)}: ${safeLine(standing.reason)}`,
        },
      ]),
      width: context.io.columns(),
      paint: context.paint,
    }),
  );
  return EXIT.ok;
};

export const providerResume: Action = async (context, { args }) => {
  const { services } = context;
  const name = String(args[0]);
  const store = await services.store();
  const known = new Map(
    providerLines(await services.config(), await store.accounts()).map((line) => [line.name, line.account]),
  );
  for (const account of [...known.values()]) known.set(account, known.get(account) ?? account);
  const account = known.get(name);
  if (account === undefined) throw unknown(name, [...known.keys()]);
  let before: AccountStanding | undefined;
  await store.changeAccount(account, (standing) => {
    before = standing;
    return resume(standing);
  });
  const was = accountState(before);
  if (context.json) printJson(context, { account, was, state: 'works' });
  else {
    printLines(context, [
      was === 'works' ? `${safeLine(account)} takes work already.` : `${safeLine(account)} takes work again.`,
    ]);
  }
  return EXIT.ok;
};

/** The config's providers, then accounts that only the store knows, such as one that was renamed. */
function providerLines(config: Config, accounts: readonly AccountStanding[]): readonly ProviderLine[] {
  const standings = new Map(accounts.map((standing) => [standing.account, standing]));
  const lines = Object.entries(config.providers).map(([name, provider]): ProviderLine => {
    const account = accountOf({ name, ...provider });
    const { type, fallback = [] } = provider;
    return { name, type, account, fallback, standing: standings.get(account) };
  });
  const others = accounts.filter(({ account }) => !lines.some((line) => line.account === account));
  return [
    ...lines,
    ...others.map(
      (standing): ProviderLine => ({
        name: standing.account,
        type: '-',
        account: standing.account,
        fallback: [],
        standing,
      }),
    ),
  ];
}

function unknown(name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known);
  return new UsageError('UNKNOWN_PROVIDER', `There is no provider or account "${name}".`, {
    advice: meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  });
}
