import { CodewalkError, messageOf, UsageError } from './errors.ts';
import type { SourceProblem } from './source/problem.ts';

/** An error as plain values, so that it can go to another process and be told there in the same words. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
  /** Bad usage, config or roadmap: nothing was changed. */
  readonly isUsage: boolean;
  /** Everything wrong with a file that a person wrote. */
  readonly problems?: readonly SourceProblem[];
}

/** `UNEXPECTED` for what nobody foresaw: its stack stays where it was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof CodewalkError)) {
    return { code: 'UNEXPECTED', message: messageOf(error).split('\n')[0] ?? '', isUsage: false };
  }
  const { code, message, advice } = error;
  const problems = problemsOf(error);
  return {
    code,
    message,
    ...(advice === undefined ? {} : { advice }),
    isUsage: error instanceof UsageError,
    ...(problems.length === 0 ? {} : { problems }),
  };
}

/** The error that the facts are of. */
export function errorOf({ code, message, advice, isUsage, problems = [] }: ErrorFacts): CodewalkError {
  const error = new (isUsage ? UsageError : CodewalkError)(code, message, { advice });
  return problems.length === 0 ? error : Object.assign(error, { problems });
}

/** Errors about a roadmap or a config carry all their problems; which class they are is the adapter's matter. */
export function problemsOf(error: Error): readonly SourceProblem[] {
  return 'problems' in error && Array.isArray(error.problems)
    ? (error.problems as readonly SourceProblem[])
    : [];
}
