import type { NextTasks } from '../../../core/api/ports.ts';
import type { NextTask } from '../../../core/planning/next-tasks.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { SHOWN_STATES } from '../task-words.ts';
import { pauseJson } from './pauses.ts';

/** `planHash` is another one whenever the roadmap file that the plan was made from is. */
export function nextJson({ tasks, planHash, paused: pause }: NextTasks): unknown {
  return {
    planHash: planHash ?? null,
    paused: pauseJson(pause),
    tasks: tasks.map(({ id, state, isReady, paused, agent, definition }) => ({
      id,
      title: definition.title,
      state,
      ready: isReady,
      paused: pauseJson(paused),
      priority: definition.priority,
      agent,
      workflow: definition.workflow ?? null,
      domain: definition.domain ?? null,
      path: definition.path,
      dependsOn: definition.dependsOn,
      files: definition.files,
      prompt: definition.prompt,
    })),
  };
}

/** The tasks as a table, the next one first. */
export function renderNext(
  tasks: readonly NextTask[],
  options: { width: number; paint: Paint },
): readonly string[] {
  return table({
    columns: [
      { title: 'TASK' },
      { title: 'STATE' },
      { title: 'PRIORITY', side: 'right' },
      { title: 'AGENT' },
      { title: 'TITLE', flexible: true },
    ],
    rows: tasks.map(({ id, state, isReady, paused, agent, definition }) => {
      const shown =
        SHOWN_STATES[isReady ? 'ready' : paused !== undefined && state === 'pending' ? 'paused' : state];
      return [
        { text: safeLine(id) },
        { text: shown.word, look: shown.look },
        { text: String(definition.priority) },
        { text: safeLine(agent) },
        { text: safeLine(definition.title) },
      ];
    }),
    ...options,
  });
}
