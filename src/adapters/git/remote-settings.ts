import { UsageError } from '../../core/errors.ts';
import { withoutGit } from './environment.ts';
import type { RepositoryFacts } from './facts.ts';
import { runGit } from './git.ts';

/** How to reach the git remote that hosts share. */
export interface RemoteSettings {
  readonly name: string;
  readonly fetchUrl: string;
  readonly pushUrl: string;
  /** Variables for git besides the isolated environment; they may hold secrets, so they are never arguments. */
  readonly env: Readonly<Record<string, string>>;
}

/** What decides how a person's git gets in. Taken from the person's and the system's config only. */
const ACCESS = /^(credential\.|http\.|ssh\.variant$|core\.sshcommand$)/;
/** Without a question to anybody, and with an end when nobody answers. */
const SSH = 'ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=5 -o ServerAliveCountMax=3';
const PERSONS = new Set(['system', 'global']);

/**
 * Reads where the remote is and how this person's git gets in. What the repository's own config says about programs
 * and credentials does not count: agents may have written there. Throws `UsageError` `REMOTE_UNKNOWN`, and
 * `PARTIAL_CLONE` for a clone that would fetch objects while we work.
 */
export async function readRemote(
  facts: Pick<RepositoryFacts, 'root'>,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RemoteSettings> {
  const ask = (...args: string[]) =>
    runGit({ args, cwd: facts.root, env: withoutGit(env), answers: [0, 1, 2, 128] });
  const [fetchUrl, pushUrl, config] = await Promise.all([
    ask('remote', 'get-url', '--', name),
    ask('remote', 'get-url', '--push', '--', name),
    ask('config', '--list', '--show-scope', '-z'),
  ]);
  if (fetchUrl.code !== 0 || pushUrl.code !== 0) {
    throw new UsageError('REMOTE_UNKNOWN', `merge.remote is ${name}, but ${facts.root} has no such remote`, {
      advice: `Add it: git remote add ${name} <address>, or name one that git remote shows.`,
    });
  }
  const entries = entriesOf(config.stdout.toString('utf8'));
  if (entries.some(({ key, value }) => /^remote\..*\.promisor$/.test(key) && value === 'true')) {
    throw new UsageError('PARTIAL_CLONE', `${facts.root} is a partial clone: it lacks files of its history`, {
      advice: 'Hosts need whole clones: git clone without --filter, and start cw there.',
    });
  }
  const access = entries.filter(({ scope, key }) => PERSONS.has(scope) && ACCESS.test(key));
  return {
    name,
    fetchUrl: fetchUrl.stdout.toString('utf8').trim(),
    pushUrl: pushUrl.stdout.toString('utf8').trim(),
    env: { ...asVariables(access), ...sshVariables(access, env) },
  };
}

/** `scope NUL key LF value NUL`, see git-config(1), `--show-scope` and `-z`. */
function entriesOf(text: string): { scope: string; key: string; value: string }[] {
  const parts = text.split('\0');
  const entries: { scope: string; key: string; value: string }[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [key = '', value = 'true'] = splitOnce(parts[at + 1] ?? '');
    entries.push({ scope: parts[at] ?? '', key, value });
  }
  return entries;
}

function splitOnce(text: string): [string, string | undefined] {
  const end = text.indexOf('\n');
  return end < 0 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1)];
}

function asVariables(entries: readonly { key: string; value: string }[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, { key, value }] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return variables;
}

function sshVariables(
  access: readonly { key: string }[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const given = env['GIT_SSH_COMMAND'];
  const never = { SSH_ASKPASS_REQUIRE: 'never' };
  if (given !== undefined && given !== '') return { ...never, GIT_SSH_COMMAND: given };
  if (access.some(({ key }) => key === 'core.sshcommand')) return never;
  return { ...never, GIT_SSH_COMMAND: SSH };
}
