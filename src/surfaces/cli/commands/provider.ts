import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { table } from '../table.ts';
import { accountJson, accountReturn, accountState } from '../views/accounts.ts';

export const providerList: Action = async (context) => {
  const { services } = context;
  const lines = await (await services.api()).providers();
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
  const api = await context.services.api();
  const { account, before } = await api.resumeAccount({ name: String(args[0]) });
  const was = accountState(before);
  if (context.json) printJson(context, { account, was, state: 'works' });
  else {
    printLines(context, [
      was === 'works' ? `${safeLine(account)} takes work already.` : `${safeLine(account)} takes work again.`,
    ]);
  }
  return EXIT.ok;
};
