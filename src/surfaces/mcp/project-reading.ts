import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { present } from '../../core/source/present.ts';
import { TASK_STATES } from '../../core/tasks/states.ts';
import { questionJson } from '../cli/views/questions.ts';
import { taskDetailJson, taskJson } from '../cli/views/task.ts';
import { roadmapProblem } from './project-planning.ts';
import { problemOf, taskLine, warned } from './project-texts.ts';
import { type ClientDoor, offerTool } from './project-tool.ts';

const MOST_TASKS = 1_000;
const DIFF_BYTES = 60_000;
const task = z.string().min(1).max(64).describe('id of a task');

/** Tasks, their work, and the questions of their agents. */
export function readingTools(server: McpServer, door: ClientDoor): void {
  offerTool(
    server,
    door,
    {
      name: 'list_tasks',
      title: 'List tasks',
      description:
        'Tasks in roadmap order with state, dependencies and the reason of a failure. Filters narrow it down.',
      needs: 'tasks',
      input: z.object({
        states: z.array(z.enum(TASK_STATES)).optional(),
        search: z.string().max(200).optional().describe('only tasks with this in id, title or files'),
        limit: z.int().min(1).max(MOST_TASKS).default(200),
      }),
      output: z.object({
        tasks: z.array(z.looseObject({ id: z.string(), title: z.string(), state: z.string() })),
        total: z.number().describe('tasks that fit the filters'),
        roadmap_problem: roadmapProblem,
      }),
    },
    async (project, { states, search, limit }) => {
      const list = await project.tasks(states === undefined ? {} : { states });
      const wanted = search?.toLowerCase();
      const fitting = list.tasks.filter(
        ({ id, definition: { title, files } }) =>
          wanted === undefined || [id, title, ...files].join('\n').toLowerCase().includes(wanted),
      );
      const shown = fitting.slice(0, limit);
      const rest = fitting.length - shown.length;
      return {
        text: warned(list, [
          ...(shown.length === 0 ? ['No such task.'] : shown.map(taskLine)),
          ...(rest > 0 ? [`… and ${rest} more`] : []),
        ]),
        value: {
          tasks: shown.map((each) => taskJson(each)),
          total: fitting.length,
          ...present({ roadmap_problem: problemOf(list) }),
        },
      };
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'get_task',
      title: 'Read one task',
      description:
        'What a task asks for, where it stands, its steps and their results, its questions and messages.',
      needs: 'task',
      input: z.object({ task }),
      output: z.looseObject({ id: z.string(), title: z.string(), state: z.string(), prompt: z.string() }),
    },
    async (project, which) => {
      const details = await project.task(which);
      const { definition, summary } = details.task;
      const steps = details.steps.map(
        (step) => `step ${step.step}, ${step.agent}: ${step.verdict ?? step.state} ${step.summary ?? ''}`,
      );
      const open = details.questions.filter(({ state }) => state === 'open');
      return {
        text: warned(details, [
          taskLine(details.task),
          definition.prompt,
          ...definition.exitCriteria.map((each) => `- ${each}`),
          ...steps,
          ...open.map(({ id, question }) => `asks (${id}): ${question}`),
          ...(summary === undefined ? [] : [`left: ${summary}`]),
        ]),
        value: taskDetailJson({ ...details, now: 0 }) as Record<string, unknown>,
      };
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'get_diff',
      title: 'Read what a task changed',
      description: 'The work of a task as a unified diff, before or after its merge; long ones are cut.',
      needs: 'diff',
      input: z.object({ task, files: z.array(z.string()).max(100).optional().describe('only these files') }),
      output: z.object({
        diff: z.string(),
        files: z.array(z.looseObject({ path: z.string(), status: z.string() })),
      }),
    },
    async (project, { task: id, files }) => {
      const diff = await project.diff({ task: id, maxBytes: DIFF_BYTES, ...present({ files }) });
      const text = diff.text === '' ? 'It has changed nothing yet.' : diff.text;
      return { text, value: { diff: diff.text, files: diff.files.map((file) => ({ ...file })) } };
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'list_questions',
      title: 'What agents ask',
      description: 'The open questions of agents at work, with the options that they offer.',
      needs: 'questions',
      input: z.object({ task: task.optional() }),
      output: z.object({ questions: z.array(z.looseObject({ task: z.string(), id: z.string() })) }),
    },
    async (project, { task: of }) => {
      const questions = await project.questions({ open: true, ...present({ task: of }) });
      const lines = questions.map(({ task: id, id: question, question: asked, options = [] }) =>
        [`${id} (${question}): ${asked}`, ...options.map((each, at) => `  [${at + 1}] ${each}`)].join('\n'),
      );
      return {
        text: lines.length === 0 ? 'No agent waits for an answer.' : lines.join('\n'),
        value: { questions: questions.map((each) => questionJson(each) as Record<string, unknown>) },
      };
    },
  );
}
