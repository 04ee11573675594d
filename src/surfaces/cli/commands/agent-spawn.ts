import { UsageError } from '../../../core/errors.ts';
import { PRIORITIES, type TaskDefinition } from '../../../core/roadmap/model.ts';
import { TASK_STATES } from '../../../core/tasks/states.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { parseTaskId, textOption, words } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { runAndReport } from './run.ts';
import { freeId, promptText, requireAgent } from './task-add.ts';
import { PERSON } from './task-commands.ts';

const TITLE_LENGTH = 72;

/** A one-off task goes the way of every task: worktree, steps, merge. Only its definition is not in the roadmap. */
export const agentSpawn: Action = async (context, { args, options }) => {
  const agent = String(args[0]);
  await requireAgent(context, agent);
  const prompt = await promptText(context, String(args[1]));
  const store = await context.services.store();
  const given = textOption(options.id);
  const taken = new Set((await store.tasks({ states: TASK_STATES })).map((task) => task.id.toLowerCase()));
  const definition: TaskDefinition = {
    id: parseTaskId(given ?? freeId(`${agent}-${firstLine(prompt)}`, taken)),
    title: firstLine(prompt),
    prompt,
    path: {},
    dependsOn: [],
    files: words(options.files),
    agent,
    priority: PRIORITIES.high,
    exitCriteria: [],
    onFailure: 'soft',
    adHoc: true,
  };
  if ((await store.addTask(definition, PERSON)) === 'exists') {
    throw new UsageError('TASK_EXISTS', `there is a task ${definition.id} already`, {
      advice: 'give the job another --id',
    });
  }
  if ((await store.orchestrators()).length > 0) {
    if (context.json) printJson(context, { task: definition.id, startedBy: 'running orchestrator' });
    else
      printLines(context, [
        `Added ${definition.id}. The orchestrator at work takes it: cw task logs ${definition.id} -f`,
      ]);
    return EXIT.ok;
  }
  return await runAndReport(context, {
    only: [definition.id],
    roadmap: false,
    plain: false,
    verbose: false,
  });
};

function firstLine(prompt: string): string {
  const line = prompt.trim().split(/\r?\n/)[0] ?? '';
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1)}…` : line;
}
