import type { TokenView } from '../context.ts';
import { duration, localDay } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { type Cell, table } from '../table.ts';

/** The tokens that were given out, with what each is good for and whether anybody uses it. */
export function renderTokens(
  tokens: readonly TokenView[],
  { now, width, paint }: { now: number; width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'id' },
      { title: 'role' },
      { title: 'made' },
      { title: 'expires' },
      { title: 'last used' },
      { title: 'name' },
      { title: 'projects' },
    ],
    rows: tokens.map((token): Cell[] => [
      { text: token.id },
      { text: token.role },
      { text: localDay(token.createdAt), look: 'dim' },
      expiry(token, now),
      token.usedAt === undefined
        ? { text: 'never', look: 'dim' }
        : { text: `${duration(now - token.usedAt)} ago` },
      { text: safeLine(token.name) },
      token.projects === undefined
        ? { text: 'all', look: 'dim' }
        : { text: safeLine(token.projects.join(', ')) },
    ]),
    width,
    paint,
  });
}

function expiry({ expiresAt }: TokenView, now: number): Cell {
  if (expiresAt === undefined) return { text: 'never', look: 'dim' };
  return expiresAt <= now ? { text: 'expired', look: 'red' } : { text: `in ${duration(expiresAt - now)}` };
}
