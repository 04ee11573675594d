import type { RoadmapWarning } from '../../core/api/ports.ts';
import type { CliContext } from './context.ts';
import { safeJsonBlock, safeLine } from './safe-text.ts';

export function printLines({ io }: CliContext, lines: readonly string[]): void {
  if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
}

/** One JSON value, indented, as the whole output of a command. */
export function printJson({ io }: CliContext, value: unknown): void {
  io.out(`${safeJsonBlock(value)}\n`);
}

/**
 * A file with a mistake in it is no reason to hide the state: the command goes on with the last good plan and says so
 * on standard error.
 */
export function warnOfRoadmap({ io }: CliContext, { roadmapProblem: problem }: RoadmapWarning): void {
  if (problem === undefined) return;
  const advice = problem.advice === undefined ? '' : ` ${problem.advice}`;
  io.err(`${safeLine(`warning: the last good roadmap is shown. ${problem.message}${advice}`)}\n`);
}
