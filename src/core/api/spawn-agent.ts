import { UsageError } from '../errors.ts';
import { parseTaskId } from '../parse-task-id.ts';
import { freeId } from '../roadmap/free-id.ts';
import { PRIORITIES, type TaskDefinition } from '../roadmap/model.ts';
import { TASK_STATES } from '../tasks/states.ts';
import { type Actor, nameOf } from './actor.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';
import { requireAgent } from './require-agent.ts';

const TITLE_LENGTH = 72;

/** Adds a task that stands outside the roadmap. */
export function spawnAgent(parts: ProjectParts, actor: Actor): ProjectApi['spawnAgent'] {
  return async ({ agent, prompt, id: given, files = [] }) => {
    await requireAgent(parts, agent);
    const store = await parts.store();
    const taken = new Set((await store.tasks({ states: TASK_STATES })).map((task) => task.id.toLowerCase()));
    const definition: TaskDefinition = {
      id: parseTaskId(given ?? freeId(`${agent}-${firstLine(prompt)}`, taken)),
      title: firstLine(prompt),
      prompt,
      path: {},
      dependsOn: [],
      files,
      agent,
      priority: PRIORITIES.high,
      exitCriteria: [],
      onFailure: 'soft',
      adHoc: true,
    };
    if ((await store.addTask(definition, nameOf(actor))) === 'exists') {
      throw new UsageError('TASK_EXISTS', `there is a task ${definition.id} already`, {
        advice: 'give the job another --id',
      });
    }
    return { task: definition.id, isAtWork: (await store.orchestrators()).length > 0 };
  };
}

function firstLine(prompt: string): string {
  const line = prompt.trim().split(/\r?\n/)[0] ?? '';
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1)}…` : line;
}
