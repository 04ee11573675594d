import { resolve } from 'node:path';
import { PERSON_ROLES } from '../../../core/api/actor.ts';
import { UsageError } from '../../../core/errors.ts';
import { parseDuration } from '../../../core/roadmap/duration.ts';
import { present } from '../../../core/source/present.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { CliContext, TokenView } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { localDay } from '../format.ts';
import { textOption, words } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { renderTokens } from '../views/tokens.ts';

const MOST_NAME = 64;
const [LEAST_MS, MOST_MS] = [60_000, 3_650 * 86_400_000];

export const serverToken: Action = async (context, { args, options }) => {
  const [action = 'list', id] = args;
  if (action === 'add') return await addToken(context, options);
  if (action === 'revoke') return await revokeToken(context, id);
  if (action !== 'list') {
    throw new UsageError('UNKNOWN_ACTION', `a token cannot be asked to "${String(action)}"`, {
      advice: 'say add, list or revoke',
    });
  }
  const tokens = await context.services.server.tokens();
  const now = Date.now();
  if (context.json)
    printJson(
      context,
      tokens.map((token) => tokenJson(token, now)),
    );
  else if (tokens.length === 0)
    printLines(context, ['No token was given out.', '    cw server token add --name phone']);
  else {
    printLines(context, renderTokens(tokens, { now, width: context.io.columns(), paint: context.paint }));
  }
  return EXIT.ok;
};

async function addToken(context: CliContext, options: Readonly<Record<string, unknown>>) {
  const name = (textOption(options.name) ?? '').trim();
  if (name === '' || name.length > MOST_NAME) {
    throw new UsageError('TOKEN_NAME', `a token needs a name of up to ${MOST_NAME} characters`, {
      advice: 'say who it is for: cw server token add --name phone',
    });
  }
  const role = PERSON_ROLES.find((each) => each === (textOption(options.role) ?? 'viewer')) ?? 'viewer';
  const expires = textOption(options.expires);
  const projects = words(options.project).map((path) => resolve(context.directory, path));
  const issued = await context.services.server.issueToken({
    ...{ name, role },
    ...present({
      expiresAt: expires === undefined ? undefined : Date.now() + lifeOf(expires),
      projects: projects.length === 0 ? undefined : projects,
    }),
  });
  const { token, ...view } = issued;
  if (context.json) printJson(context, { ...tokenJson(view, Date.now()), token });
  else {
    const { id, expiresAt } = issued;
    const until = expiresAt === undefined ? 'until you take it back' : `until ${localDay(expiresAt)}`;
    context.io.err(`note: good ${until} and shown only now; cw server token revoke ${id} takes it back\n`);
    printLines(context, [token]);
  }
  return EXIT.ok;
}

function lifeOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= LEAST_MS && ms <= MOST_MS) return ms;
  throw new UsageError('BAD_DURATION', `${quoted(text)} is no time that a token could be good for`, {
    advice: 'say such as 12h or 30d, at least 1m and at most 3650d',
  });
}

async function revokeToken(context: CliContext, id: unknown) {
  if (typeof id !== 'string') {
    throw new UsageError('TOKEN_ID', 'which token?', { advice: 'cw server token list shows their ids' });
  }
  await context.services.server.revokeToken(id);
  if (context.json) printJson(context, { revoked: id });
  else printLines(context, [`The token ${safeLine(id)} is not valid any more.`]);
  return EXIT.ok;
}

function tokenJson(token: TokenView, now: number) {
  const { id, name, role, createdAt, expiresAt, projects, usedAt } = token;
  return {
    ...{ id, name, role, createdAt },
    expiresAt: expiresAt ?? null,
    expired: expiresAt !== undefined && expiresAt <= now,
    projects: projects ?? null,
    usedAt: usedAt ?? null,
  };
}
