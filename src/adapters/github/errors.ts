import { ForgeError } from '../../core/delivery/forge-error.ts';
import { messageOf } from '../../core/errors.ts';

/** What of an octokit error is looked at; see @octokit/request-error. */
interface RequestFailure {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> };
}

const SERVER_ERROR = 500;
const SECOND_MS = 1_000;

/** The error as a person can act on it. The token is in none of its texts: octokit leaves headers out of messages. */
export function forgeError(
  error: unknown,
  { repository, tokenEnv, what }: { repository: string; tokenEnv: string; what: string },
): ForgeError {
  const said = `GitHub: ${what} of ${repository}`;
  if (!isRequestFailure(error)) {
    return new ForgeError('unreachable', `${said} failed: ${messageOf(error)}`, {
      advice: 'Try again in a moment; github.apiUrl says where it is looked for.',
      cause: error,
    });
  }
  const { status, message } = error;
  const headers = error.response?.headers ?? {};
  const options = { cause: error };
  switch (true) {
    case status === 401:
      return new ForgeError('auth', `${said} failed: it does not know the token (401)`, {
        ...options,
        advice: `Put a valid token into ${tokenEnv}: github.com/settings/tokens`,
      });
    case isLimit(status, message, headers):
      return new ForgeError('limited', `${said} failed: it wants fewer requests (${status})`, {
        ...options,
        advice: 'Wait a while, then try again.',
        retryAfterMs: waitOf(headers),
      });
    case status === 403:
      return new ForgeError('forbidden', `${said} failed: the token may not do that (403): ${message}`, {
        ...options,
        advice: `The token in ${tokenEnv} needs to write pull requests and to read contents of ${repository}.`,
      });
    case status === 404:
      return new ForgeError('missing', `${said} failed: it is not there, or the token may not see it (404)`, {
        ...options,
        advice: `Look at the name, or set it: cw config set github.repository owner/name. The token is in ${tokenEnv}.`,
      });
    case status >= SERVER_ERROR:
      return new ForgeError('unreachable', `${said} failed: GitHub has trouble (${status})`, {
        ...options,
        advice: 'Try again in a moment: githubstatus.com',
      });
    default:
      return new ForgeError('refused', `${said} failed (${status}): ${message}`, {
        ...options,
        advice: 'Look at the branches and the rules of the repository at GitHub.',
      });
  }
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
function isLimit(status: number, message: string, headers: Readonly<Record<string, unknown>>): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    /secondary rate limit|abuse detection/i.test(message)
  );
}

function waitOf(headers: Readonly<Record<string, unknown>>): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * SECOND_MS : undefined;
}

function isRequestFailure(error: unknown): error is RequestFailure {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    // Octokit says 500 for a connection that was never made.
    'response' in error &&
    error.response !== undefined
  );
}
