/**
 * An error that a person can act on. `code` is stable and is what callers match; `message` says in one line
 * what failed and where; `advice` says in one line what to do next.
 */
export class CodewalkError extends Error {
  readonly code: string;
  readonly advice: string | undefined;

  constructor(code: string, message: string, options: { advice?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodewalkError';
    this.code = code;
    this.advice = options.advice;
  }
}

/** Bad usage, config or roadmap: the command line exits with 2 and nothing was changed. */
export class UsageError extends CodewalkError {
  constructor(code: string, message: string, options: { advice?: string | undefined; cause?: unknown } = {}) {
    super(code, message, options);
    this.name = 'UsageError';
  }
}

/** Ends a `switch` over a union, so that a new member is a type error where it is not handled. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
