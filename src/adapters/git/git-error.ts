import { CodewalkError } from '../../core/errors.ts';

/**
 * A git process failed. `code` is `GIT_FAILED`, `GIT_LOCKED` (another git holds a lock file), `GIT_TIMEOUT`,
 * `GIT_OUTPUT_LIMIT` or `GIT_MISSING`.
 */
export class GitError extends CodewalkError {
  /** The git command, for example `read-tree`. */
  readonly verb: string;
  readonly exitCode: number | undefined;
  /** The last part of what git said. */
  readonly stderr: string;

  constructor(
    code: string,
    failure: { verb: string; exitCode?: number | undefined; stderr?: string; problem?: string },
    options: { advice?: string; cause?: unknown } = {},
  ) {
    const stderr = (failure.stderr ?? '').trim();
    const how = failure.exitCode === undefined ? '' : ` (exit ${failure.exitCode})`;
    const what = failure.problem ?? (stderr === '' ? 'it said nothing' : stderr);
    super(code, `git ${failure.verb} failed${how}: ${what}`, options);
    this.name = 'GitError';
    this.verb = failure.verb;
    this.exitCode = failure.exitCode;
    this.stderr = stderr;
  }
}

/** The error for a git process that ended with `exitCode`. */
export function gitFailed(verb: string, exitCode: number | undefined, stderr: string): GitError {
  if (/Unable to create '.*\.lock': File exists/.test(stderr)) {
    return new GitError(
      'GIT_LOCKED',
      { verb, exitCode, stderr },
      { advice: 'Another git works there, or was killed. End it, or remove the lock file that it left.' },
    );
  }
  return new GitError('GIT_FAILED', { verb, exitCode, stderr });
}
