import { CodewalkError } from '../errors.ts';

/** What went wrong with the git remote that hosts share, by what must happen next. */
export const REMOTE_FAILURES = [
  /** No answer, or one that broke off. It comes back by itself. */
  'unreachable',
  /** Another git holds a lock over there, or died with one. */
  'locked',
  /** It asks for fewer requests. */
  'limited',
  /** It does not know us, or does not let us write. */
  'auth',
  /** There is no repository at the address. */
  'missing',
  /** A rule over there refuses what we push: a hook, a protected branch. */
  'declined',
  /** It keeps its objects in another format. */
  'incompatible',
] as const;
export type RemoteFailure = (typeof REMOTE_FAILURES)[number];

const PASSES: ReadonlySet<RemoteFailure> = new Set(['unreachable', 'locked', 'limited']);

/** The git remote did not do what was asked; nothing is known to have changed there. */
export class RemoteError extends CodewalkError {
  readonly failure: RemoteFailure;
  /** How often it failed in a row, this time included. */
  inARow = 1;

  constructor(failure: RemoteFailure, message: string, options: { advice: string; cause?: unknown }) {
    super(`REMOTE_${failure.toUpperCase()}`, message, options);
    this.failure = failure;
  }

  /** Time may mend it; else a person has to. */
  get passes(): boolean {
    return PASSES.has(this.failure);
  }
}
