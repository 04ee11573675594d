import { CodewalkError } from '../errors.ts';

/** What a forge said no with, by what must happen next. */
export type ForgeFailure =
  /** No answer, or one that says that it is its own fault. */
  | 'unreachable'
  /** It wants fewer requests. */
  | 'limited'
  /** It does not know the token. */
  | 'auth'
  /** The token may not do that. */
  | 'forbidden'
  /** There is no such repository, or the token may not see it. */
  | 'missing'
  /** It does not take what was asked. */
  | 'refused';

/** The forge did not do what was asked. */
export class ForgeError extends CodewalkError {
  readonly failure: ForgeFailure;
  /** How long it wants to be left alone, ms; absent: it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    failure: ForgeFailure,
    message: string,
    options: { advice: string; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(`FORGE_${failure.toUpperCase()}`, message, options);
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Time may mend it; else a person has to. */
  get passes(): boolean {
    return this.failure === 'unreachable' || this.failure === 'limited';
  }
}
