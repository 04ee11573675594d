import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { SyncReason } from '../../core/syncing/ports.ts';
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
 * Shows what is new in the roadmap file also while nothing runs. A file with a mistake in it is no reason to hide
 * the state: the command goes on with the last good plan and says so on standard error.
 */
export async function warnAboutRoadmap(context: CliContext, reason?: SyncReason): Promise<void> {
  const problem = await context.services.refresh(reason);
  if (problem === undefined) return;
  const advice = problem instanceof CodewalkError && problem.advice !== undefined ? ` ${problem.advice}` : '';
  context.io.err(`${safeLine(`warning: the last good roadmap is shown. ${messageOf(problem)}${advice}`)}\n`);
}
