import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { NextTasks, ProjectApi } from '../../core/api/ports.ts';
import type { NextFilter } from '../../core/planning/next-tasks.ts';
import { present } from '../../core/source/present.ts';
import { TASK_STATES, type TaskState } from '../../core/tasks/states.ts';
import { nextJson } from '../cli/views/task-next.ts';
import { problemOf, statusText, warned } from './project-texts.ts';
import { type ClientDoor, offerTool } from './project-tool.ts';
import type { Answer } from './tool-answer.ts';

const MOST_TASKS = 100;
/** A task as it stands in an answer; it has more fields than these. */
const taskLine = z.looseObject({ id: z.string(), title: z.string(), state: z.string() });
const state = z.enum(['ready', ...TASK_STATES]);
export const roadmapProblem = z.string().optional().describe('what is wrong with the roadmap file');

/** What is next, and where everything stands. */
export function planTools(server: McpServer, door: ClientDoor): void {
  offerTool(
    server,
    door,
    {
      name: 'plan_next',
      title: 'What is next',
      description:
        'The tasks that would start next, best first: by priority, then longest chain of dependents, then order in ' +
        'the roadmap. By default only tasks that are ready. It reads the roadmap file first if that has changed, so ' +
        'the answer is of the file as it is now. Give the plan_hash of an earlier answer as known_plan_hash, and ' +
        'plan_changed says whether the roadmap is another one since.',
      needs: 'next',
      input: z.object({
        initiative: z.string().optional().describe('only tasks of this initiative, by id'),
        phase: z.string().optional(),
        plan: z.string().optional(),
        domain: z.string().optional().describe('only tasks of this area of the product'),
        agent: z.string().optional().describe('only tasks that this agent begins, such as coder'),
        states: z.array(state).optional().describe('default: ready'),
        limit: z.int().min(1).max(MOST_TASKS).default(5),
        known_plan_hash: z.string().optional(),
      }),
      output: z.object({
        tasks: z.array(taskLine),
        plan_hash: z.string().nullable(),
        plan_changed: z.boolean().optional(),
        roadmap_problem: roadmapProblem,
      }),
    },
    async (project, { states, known_plan_hash, ...filter }) => {
      const wanted: NextFilter = { ...present(filter), ...(states === undefined ? {} : { states }) };
      return nextAnswer(await project.next(wanted), known_plan_hash);
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'roadmap_status',
      title: 'Where everything stands',
      description:
        'How many tasks are done, ready, running, blocked and so on, what runs now, which questions wait for an ' +
        'answer, and what could be delivered.',
      needs: 'status',
      input: z.object({}),
      output: z.object({
        project: z.string(),
        counts: z.record(z.string(), z.number()),
        cost_usd: z.number(),
        running: z.array(
          z.object({ id: z.string(), title: z.string(), state: z.string(), agent: z.string() }),
        ),
        problems: z.array(z.object({ id: z.string(), state: z.string(), reason: z.string() })),
        questions: z.array(z.object({ task: z.string(), id: z.string(), question: z.string() })),
        orchestrators: z.number().describe('0: nobody works on it; cw run or cw serve starts'),
        roadmap_problem: roadmapProblem,
      }),
    },
    async (project) => await statusAnswer(project),
  );
}

function nextAnswer(answer: NextTasks, known: string | undefined): Answer {
  const { tasks } = nextJson(answer) as { tasks: Record<string, unknown>[] };
  const changed = known === undefined ? undefined : known !== answer.planHash;
  const lines = answer.tasks.map(
    ({ id, state: stands, isReady, agent, definition }) =>
      `${id} [${isReady ? 'ready' : stands}, priority ${definition.priority}, ${agent}] ${definition.title}\n  ${definition.prompt.split('\n', 1)[0]}`,
  );
  const none = 'No such task is next.';
  return {
    text: warned(answer, [
      ...(changed === true ? ['The roadmap has changed since the answer that you know.'] : []),
      ...(lines.length === 0 ? [none] : lines),
    ]),
    value: {
      tasks,
      plan_hash: answer.planHash ?? null,
      ...present({ plan_changed: changed, roadmap_problem: problemOf(answer) }),
    },
  };
}

const ACTIVE: readonly TaskState[] = ['claimed', 'running', 'merging', 'waiting_input'];
const STUCK: readonly TaskState[] = ['failed', 'blocked'];

async function statusAnswer(project: ProjectApi): Promise<Answer> {
  const status = await project.status();
  const { counts, tasks, steps, questions } = status;
  const running = tasks
    .filter((task) => ACTIVE.includes(task.state))
    .map(({ id, definition, state: stands }) => ({
      id,
      title: definition.title,
      state: stands,
      agent: steps.find(({ task }) => task === id)?.agent ?? '',
    }));
  const problems = tasks
    .filter((task) => STUCK.includes(task.state))
    .map(({ id, state: stands, reason }) => ({ id, state: stands, reason: reason ?? '' }));
  const value = {
    project: status.project,
    counts: { ...counts.byState, ready: counts.ready, total: counts.total },
    cost_usd: counts.costUsd,
    running,
    problems,
    questions: questions.map(({ task, id, question }) => ({ task, id, question })),
    orchestrators: status.orchestrators.length,
    ...present({ roadmap_problem: problemOf(status) }),
  };
  return { text: warned(status, statusText(value)), value };
}
