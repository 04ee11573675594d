/** An empty value forgets every helper named before it. */
export const NO_CREDENTIALS = 'credential.helper=';

/**
 * Settings on every command line. They beat every config file, so that nothing in a repository makes git start
 * another program: hooks, a file system monitor, a signer, a pager, an editor, a transport, background maintenance.
 */
export const SAFE_SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.askPass=',
  NO_CREDENTIALS,
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'protocol.allow=never',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'merge.conflictStyle=merge',
  'merge.verifySignatures=false',
  'core.quotePath=false',
  // A task is recorded as done when its merge is in the branch: that must survive a power cut, too.
  'core.fsync=committed',
  'core.fsyncMethod=batch',
  // A ref is locked for a moment by the user's own git: wait instead of failing.
  'core.filesRefLockTimeout=3000',
  'core.packedRefsTimeout=5000',
];

/** More of them for a remote: transports that only carry data, and an end to one that carries none. */
export const REMOTE_SETTINGS: readonly string[] = [
  ...['https', 'http', 'ssh', 'git', 'file'].map((protocol) => `protocol.${protocol}.allow=always`),
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=20',
  'fetch.writeCommitGraph=false',
];

/** The environment of git: the caller's without any `GIT_*` variable, without system and user config. */
export function isolatedEnv(
  base: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...withoutGit(base),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'false',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
    ...extra,
  };
}

/** The caller's environment without `GIT_*`: for the few questions that the user's own config has to answer. */
export function withoutGit(base: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !name.startsWith('GIT_')) env[name] = value;
  }
  env['LC_ALL'] = 'C';
  env['GIT_TERMINAL_PROMPT'] = '0';
  env['GIT_OPTIONAL_LOCKS'] = '0';
  return env;
}
