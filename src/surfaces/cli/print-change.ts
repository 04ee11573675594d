import type { RoadmapChange } from '../../core/api/parts.ts';
import type { CliContext } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printJson, printLines } from './print.ts';
import { printDiff } from './print-diff.ts';
import { safeLine } from './safe-text.ts';

/**
 * Says what became of the roadmap file: the diff, and one line. `json` goes into the JSON beside `changed` and `diff`.
 * A plan that could not follow is a warning on standard error: the file is changed all the same.
 */
export function printChange(
  context: CliContext,
  { diff, problem }: RoadmapChange,
  { dryRun, done, json }: { dryRun: boolean; done: string; json: Readonly<Record<string, unknown>> },
): ExitCode {
  const changed = diff !== '';
  if (problem !== undefined) {
    const advice = problem.advice === undefined ? '' : ` ${problem.advice}`;
    context.io.err(
      `${safeLine(`warning: the plan does not follow the file. ${problem.message}${advice}`)}\n`,
    );
  }
  if (context.json) {
    printJson(context, { ...json, dryRun, changed, diff });
    return EXIT.ok;
  }
  if (changed) printDiff(context, diff);
  if (!changed) printLines(context, ['The roadmap says so already.']);
  else if (!dryRun) printLines(context, [done]);
  return EXIT.ok;
}
