import { UsageError } from '../errors.ts';
import type { ProblemList, SourceProblem } from '../source/problem.ts';

export type ConfigProblemCode =
  | 'syntax'
  | 'encoding'
  | 'too-large'
  | 'duplicate-key'
  | 'unknown-key'
  | 'wrong-type'
  | 'bad-value'
  /** A name that nothing has: a provider, agent or workflow. */
  | 'unknown-name'
  /** Two settings that cannot both hold. */
  | 'contradiction';

export type ConfigProblem = SourceProblem<ConfigProblemCode>;
export type ConfigProblems = ProblemList<ConfigProblemCode>;

/** Config files that cannot be used, with everything that is wrong with them. Code `CONFIG_INVALID`. */
export class ConfigInvalidError extends UsageError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const more = problems.length - 1;
    const place = first === undefined ? '' : `${first.file}:${first.line}:${first.col}: ${first.message}`;
    super('CONFIG_INVALID', more > 0 ? `${place} (and ${more} more)` : place, { advice: first?.advice });
    this.problems = problems;
  }
}
