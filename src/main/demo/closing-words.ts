import { count, duration } from '../../surfaces/cli/format.ts';
import { safeLine } from '../../surfaces/cli/safe-text.ts';
import type { Paint } from '../../surfaces/cli/style.ts';
import type { Account } from './account.ts';

/** What happened, counted from the event log, with an example of each thing that the demo is there to show. */
export function renderAccount(account: Account): string[] {
  const { tasks, unfinished, rejections, conflicts, lockWaits } = account;
  return [
    `${tasks - unfinished.length} of ${count(tasks, 'task')} done in ${duration(account.durationMs)}, up to ${account.mostAtOnce} at once.`,
    `${count(rejections.length, 'review')} rejected, and the work sent back`,
    ...rejections.map(
      ({ task, by, feedback }) => `  ${task}: ${by} said "${safeLine(feedback.split('\n')[0] ?? '')}"`,
    ),
    `${count(conflicts.length, 'merge conflict')} sent back and resolved`,
    ...conflicts.map(
      ({ task, files, others }) =>
        `  ${task}${others.length === 0 ? '' : ` with ${others.join(', ')}`} in ${safeLine(files.join(', '))}`,
    ),
    `${count(lockWaits.length, 'wait')} for a file lock`,
    ...lockWaits.map(
      ({ task, behind, waitedMs }) => `  ${task}: ${(waitedMs / 1000).toFixed(1)} s behind ${behind}`,
    ),
  ];
}

/** What a person may do now. `alias` is a shell line that makes `cw` known, where it is not yet. */
export function renderNextSteps(options: {
  directory: string;
  alias: string | undefined;
  scripted: boolean;
  paint: Paint;
}): string[] {
  const { directory, alias, scripted, paint } = options;
  const steps = [
    ['cw status', 'where everything stands'],
    ['cw task show title-case', 'the steps of the reviewed task'],
    ['cw task diff export-stats', 'what became of the conflict'],
    ['cw task logs title-case', 'what its agents printed'],
    ['cw deliver', 'bring the work into main'],
    ['cw task add "Shout" && cw run', `a task of your own${scripted ? ', which the script only notes' : ''}`],
    ['cw init', 'in a repository of your own'],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    ...renderWayThere({ directory, alias }),
    ...steps.map(([command, does]) => `  ${command.padEnd(width)}  ${paint('dim', does)}`),
  ];
}

/** Shell lines after which `cw` works on the demo. */
export function renderWayThere(options: { directory: string; alias: string | undefined }): string[] {
  const { directory, alias } = options;
  return [`  cd ${safeLine(directory)}`, ...(alias === undefined ? [] : [`  ${safeLine(alias)}`])];
}
