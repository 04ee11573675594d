import { RemoteError, type RemoteFailure } from '../../core/workspaces/remote-error.ts';
import type { GitError } from './git-error.ts';

/**
 * What git and servers say, from git's own sources (connect.c, http.c, transport.c, receive-pack.c) and the messages
 * of OpenSSH, GitHub and GitLab. The first that matches counts; what none knows is taken for a connection that broke.
 */
const SAID: readonly (readonly [RemoteFailure, RegExp])[] = [
  [
    'incompatible',
    /mismatched algorithms|object format|transport '[^']*' not allowed|unable to find remote helper/i,
  ],
  ['limited', /\b429\b|rate limit|too many requests/i],
  [
    'auth',
    /authentication failed|could not read (username|password)|permission denied|permission to \S+ denied|access denied|host key verification failed|not authorized|\b40[13]\b|dubious ownership|invalid credentials|write access|terminal prompts disabled/i,
  ],
  [
    'missing',
    /repository .*not found|does not appear to be a git repository|\b404\b|no such file or directory|project .*could not be found|repository not exported/i,
  ],
  [
    'declined',
    /hook declined|protected branch|GH0\d\d|deny updating a hidden ref|prohibited|not allowed|\[remote rejected\]/i,
  ],
];
const CONTENDED =
  /cannot lock ref|unable to create '[^']*\.lock'|failed to (update|lock)|reference already exists|is at \S+ but expected|incorrect old value|atomic transaction failed|stale info|fetch first|non-fast-forward|reference transaction|atomic push fail/i;

const ADVICE: Readonly<Record<RemoteFailure, (remote: string) => string>> = {
  unreachable: (remote) => `Look with: git ls-remote ${remote}. It is tried again by itself.`,
  locked: (remote) =>
    `A lock file stays at ${remote}. When no git works there any more, remove the one that is named.`,
  limited: (remote) => `${remote} asks for fewer requests. It is tried again by itself.`,
  auth: (remote) =>
    `Let this host write there without a prompt (an SSH key, or a credential helper in your global git config), then see: cw doctor. To look: git push --dry-run ${remote}`,
  missing: (remote) => `Correct the address: git remote set-url ${remote} <address>`,
  declined: (remote) =>
    `Let Codewalk push to cw/* and refs/codewalk/* at ${remote}, or set merge.integrationBranch to a branch that it may move.`,
  incompatible: (remote) =>
    `Use a remote with the object format of this repository, over https, ssh or a path: git remote -v shows ${remote}.`,
};

/** Did somebody else move a ref first, or hold one for a moment? Then the answer is to look again. */
export function isContended(text: string): boolean {
  return CONTENDED.test(text) && !/hook declined|protected branch|hidden ref/i.test(text);
}

/** The error for a git that failed while it spoke with a remote. */
export function remoteFailed(remote: string, verb: string, error: GitError): RemoteError {
  const said = `${error.stderr}\n${error.code === 'GIT_TIMEOUT' ? '' : error.message}`;
  const failure =
    error.code === 'GIT_TIMEOUT'
      ? 'unreachable'
      : (SAID.find(([, words]) => words.test(said))?.[0] ?? 'unreachable');
  return remoteError(failure, { remote, verb, said: lastLine(error) }, error);
}

export function remoteError(
  failure: RemoteFailure,
  { remote, verb, said }: { remote: string; verb: string; said: string },
  cause?: unknown,
): RemoteError {
  const message = `${verb} with the git remote ${remote} failed: ${withoutSecrets(said)}`;
  return new RemoteError(failure, message, { advice: ADVICE[failure](remote), cause });
}

/** The line that says most: of a refusal the server's own, else the fatal one. */
function lastLine({ stderr, message }: GitError): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.findLast((line) => /^(remote: )?(fatal|error|ssh|!)/i.test(line));
  return telling ?? lines.findLast((line) => line !== '') ?? message;
}

/** An address may carry a password or a token. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, '//…@');
}
