import { CodewalkError, UsageError } from '../../../core/errors.ts';
import { ACTIVE_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { Recovery, RestoredWork } from '../../../core/workspaces/ports.ts';
import type { SavedWork } from '../../../core/workspaces/saved-work.ts';
import { recoveredBranch } from '../../../core/workspaces/task-branch.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';

export const recoverRestore: Action = async (context, { args, options }) => {
  const recovery = await context.services.recovery.open();
  const saved = await recovery.find(String(args[0]));
  const [to, intoTask, dryRun] = [textOption(options.to), options.intoTask === true, options.dryRun === true];
  if (intoTask && to !== undefined) {
    throw new UsageError('USAGE', '--to and --into-task exclude each other', {
      advice: 'leave one of them out',
    });
  }
  const restored = intoTask
    ? await restoreIntoTask(context, recovery, { saved, dryRun })
    : await recovery.toBranch(saved, { branch: to ?? recoveredBranch(saved.task, saved.id), dryRun });
  const { branch, commit, before } = restored;
  if (!dryRun) {
    const { id, task } = saved;
    await (await context.services.store()).log([{ type: 'work.restored', task, saved: id, commit, branch }]);
  }
  if (context.json) {
    const done = { saved: saved.id, task: saved.task, branch, commit: dryRun ? null : commit };
    printJson(context, { dryRun, ...done, before: before?.id ?? null });
  } else printLines(context, sentences(saved, restored, { intoTask, dryRun }).map(safeLine));
  return EXIT.ok;
};

async function restoreIntoTask(
  context: CliContext,
  recovery: Recovery,
  { saved, dryRun }: { saved: SavedWork; dryRun: boolean },
): Promise<RestoredWork> {
  const task = await (await context.services.store()).task(saved.task);
  if (task !== undefined && (ACTIVE_STATES as readonly TaskState[]).includes(task.state)) {
    throw new CodewalkError('TASK_AT_WORK', `${saved.task} is at work`, {
      advice: `stop it first: cw task cancel ${saved.task}; or make a branch: cw recover restore ${saved.id}`,
    });
  }
  if (task?.state === 'done') {
    throw new CodewalkError('TASK_DONE', `${saved.task} is done and merged`, {
      advice: `make a branch of the saved work: cw recover restore ${saved.id}`,
    });
  }
  const result = await recovery.toTask(saved, { dryRun });
  if (result.kind === 'restored') return result;
  const what = `${saved.id} conflicts with what ${saved.task} holds now, so nothing was restored:`;
  throw new CodewalkError('RESTORE_CONFLICT', [what, ...result.files].join('\n'), {
    advice: `make a branch of it and merge by hand: cw recover restore ${saved.id}`,
  });
}

function sentences(
  { id, task }: SavedWork,
  { branch, before }: RestoredWork,
  { intoTask, dryRun }: { intoTask: boolean; dryRun: boolean },
): string[] {
  if (dryRun) {
    return [
      `${id} would come ${intoTask ? `into ${task}, on its branch ${branch}` : `to the new branch ${branch}`}.`,
    ];
  }
  if (!intoTask) return [`${id} is on the new branch ${branch}. See it with: git diff ...${branch}`];
  return [
    `${id} is in ${task} again, on its branch ${branch}.`,
    ...(before === undefined ? [] : [`The state before is saved as ${before.id}.`]),
    `Let it go on: cw task retry ${task}`,
  ];
}
