import { relative } from 'node:path';
import type { Action } from '../actions.ts';
import type { CliContext, FilesStatus } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';

export const filesOn: Action = async (context) => {
  const { services } = context;
  // What is not in the plan yet would not be in the files.
  const problem = await services.refresh();
  await services.settings.set('project', ['files'], true);
  const isMine = await services.files.once();
  const status = await services.files.status();
  const isAtWork = !isMine || (await services.store().then((store) => store.orchestrators())).length > 0;
  if (context.json) printJson(context, statusJson(context, status, true));
  else {
    const directory = shown(context, status.directory);
    printLines(context, [
      `Files are on: ${count(status.pages, 'file')} in ${directory}/inbox and ${directory}/plan.`,
      isAtWork
        ? 'What you save there is carried out while the orchestrator runs.'
        : 'Nothing runs now: what you save there is carried out by the next cw run.',
      ...(problem === undefined ? [] : [`The last good plan is shown: ${safeLine(problem.message)}`]),
    ]);
  }
  return EXIT.ok;
};

export const filesOff: Action = async (context) => {
  await context.services.settings.set('project', ['files'], false);
  if (context.json) printJson(context, { on: false });
  else printLines(context, ['Files are off. Those that are there stay as they are, and nothing reads them.']);
  return EXIT.ok;
};

export const filesStatus: Action = async (context) => {
  const { files: isOn } = await context.services.config();
  const status = await context.services.files.status();
  if (context.json) {
    printJson(context, statusJson(context, status, isOn));
    return EXIT.ok;
  }
  const directory = shown(context, status.directory);
  const { keptBy, conflicts, warnings } = status;
  if (!isOn) printLines(context, ['Files are off. Turn them on with: cw files on']);
  else {
    const keeper =
      keptBy === undefined
        ? 'Nothing keeps them now; the next cw run does.'
        : `Kept by ${keptBy.what} (pid ${keptBy.pid}).`;
    printLines(context, [`Files are on: ${count(status.pages, 'file')} in ${directory}. ${keeper}`]);
  }
  for (const path of conflicts)
    printLines(context, [`changed on both sides  ${safeLine(`${directory}/${path}`)}`]);
  for (const path of warnings)
    printLines(context, [`cannot be taken        ${safeLine(`${directory}/${path}`)}`]);
  return EXIT.ok;
};

function statusJson(context: CliContext, status: FilesStatus, on: boolean): unknown {
  const { keptBy, pages, conflicts, warnings } = status;
  return {
    on,
    directory: shown(context, status.directory),
    keptBy: keptBy ?? null,
    pages,
    conflicts,
    warnings,
  };
}

function shown({ directory }: CliContext, path: string): string {
  return relative(directory, path) || '.';
}
