import type { RoadmapWarning } from '../../core/api/ports.ts';
import type { Task } from '../../core/tasks/task.ts';

/** What is wrong with the roadmap file, and what to do about it. */
export function problemOf({ roadmapProblem }: RoadmapWarning): string | undefined {
  if (roadmapProblem === undefined) return undefined;
  const { message, advice } = roadmapProblem;
  return `Careful: the last good roadmap is shown. ${message}${advice === undefined ? '' : ` ${advice}`}`;
}

/** Lines for a model, below what is wrong with the roadmap file, if anything is. */
export function warned(answer: RoadmapWarning, lines: readonly string[]): string {
  return [...(problemOf(answer) === undefined ? [] : [problemOf(answer)]), ...lines].join('\n');
}

export function taskLine({ id, state, pendingNeeds, definition, reason }: Task): string {
  const stands = state === 'pending' && pendingNeeds === 0 ? 'ready' : state;
  const needs = definition.dependsOn.length === 0 ? '' : ` (after ${definition.dependsOn.join(', ')})`;
  return `${id} [${stands}] ${definition.title}${needs}${reason === undefined ? '' : `: ${reason}`}`;
}

export function statusText(status: {
  readonly counts: Readonly<Record<string, number>>;
  readonly running: readonly { readonly id: string; readonly state: string; readonly agent: string }[];
  readonly problems: readonly { readonly id: string; readonly state: string; readonly reason: string }[];
  readonly questions: readonly { readonly task: string; readonly id: string; readonly question: string }[];
  readonly orchestrators: number;
}): string[] {
  const { total = 0, ready = 0, ...states } = status.counts;
  const counts = Object.entries(states)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}${name === 'pending' ? ` (${ready} ready)` : ''}`);
  return [
    `${total} tasks: ${counts.join(', ')}`,
    ...status.running.map(
      ({ id, state, agent }) => `at work: ${id} [${state}]${agent === '' ? '' : ` by ${agent}`}`,
    ),
    ...status.problems.map(({ id, state, reason }) => `${state}: ${id}: ${reason}`),
    ...status.questions.map(({ task, id, question }) => `${task} asks (${id}): ${question}`),
    ...(status.orchestrators === 0 ? ['Nobody works on it now: cw run starts.'] : []),
  ];
}
