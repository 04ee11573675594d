import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { ProjectApi } from '../../core/api/ports.ts';
import { present } from '../../core/source/present.ts';
import { pausingTools } from './project-pausing.ts';
import { type ClientDoor, offerTool } from './project-tool.ts';
import type { Answer } from './tool-answer.ts';

const task = z.string().min(1).max(64).describe('id of a task');
const dryRun = z.boolean().default(false).describe('only show how the roadmap file would change');
/** What a model may write about a task. Its check (`verify`) is a command line, and those are the owner's alone. */
const fields = {
  title: z.string().min(1).max(200),
  prompt: z.string().min(1).max(100_000).describe('what its agent is told'),
  depends_on: z
    .array(z.string())
    .max(200)
    .describe('ids of tasks, plans, phases or initiatives that come first'),
  files: z.array(z.string()).max(500).describe('paths or globs that it will write; no two at work overlap'),
  agent: z.string().describe('such as coder'),
  workflow: z.string().describe('steps that its work goes through'),
  priority: z.union([z.enum(['critical', 'high', 'medium', 'low']), z.int().min(0).max(1_000)]),
  approve: z.boolean().describe('a person has to approve the work before it is merged'),
  exit_criteria: z.array(z.string()).max(100).describe('what must be true when it is done'),
};
const optional = z.object(fields).partial();
const changed = z.object({
  task: z.string(),
  diff: z.string().describe('of the roadmap file'),
  written: z.boolean(),
  problem: z.string().optional().describe('why the plan is not up to the file yet'),
});

/** What steers one task and needs nothing but its id. */
type Steer = 'retry' | 'cancel' | 'pauseTasks' | 'resumeTasks';

const steeredOutput = z.object({
  task: z.string(),
  done: z.boolean(),
  reason: z.string().optional().describe('why it was not done'),
});

/** Tools that change the roadmap, answer agents and steer tasks. */
export function changingTools(server: McpServer, door: ClientDoor): void {
  roadmapTools(server, door);
  taskTools(server, door);
  pausingTools(server, door);
  talkTools(server, door);
}

function roadmapTools(server: McpServer, door: ClientDoor): void {
  offerTool(
    server,
    door,
    {
      name: 'add_task',
      title: 'Add a task',
      description:
        'Writes a task into the roadmap file; comments and order in it stay. A running orchestrator takes it up. Say ' +
        'in the prompt all that its agent needs: it sees the repository, but not this conversation.',
      needs: 'addTask',
      input: z.strictObject({
        ...optional.shape,
        title: fields.title,
        prompt: fields.prompt,
        id: task.optional().describe('default: made from the title'),
        into: z
          .string()
          .optional()
          .describe('id of the phase, plan or initiative it stands in; default: none'),
        dry_run: dryRun,
      }),
      output: changed,
    },
    async (project, { id, into, dry_run, ...given }) => {
      const added = await project.addTask({
        fields: { title: given.title, ...present(given) },
        dryRun: dry_run,
        ...present({ id, into }),
      });
      const said = dry_run ? `Would add ${added.id}:` : `Added ${added.id} to the roadmap.`;
      return changeAnswer({ task: added.id, said, dryRun: dry_run }, added);
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'edit_task',
      title: 'Change a task',
      description:
        'Changes a task in the roadmap file: only the fields that are given. An agent at work on it is told at its ' +
        'next turn.',
      needs: 'editTask',
      input: z.strictObject({ ...optional.shape, task, dry_run: dryRun }),
      output: changed,
    },
    async (project, { task: id, dry_run, ...given }) => {
      const change = await project.editTask({ task: id, fields: present(given), dryRun: dry_run });
      const said = dry_run ? `Would change ${id}:` : `Changed ${id}.`;
      return changeAnswer({ task: id, said, dryRun: dry_run }, change);
    },
  );
}

function taskTools(server: McpServer, door: ClientDoor): void {
  const steer = (name: string, spec: { title: string; description: string; needs: Steer; done: string }) => {
    const { done, ...rest } = spec;
    offerTool(
      server,
      door,
      { name, ...rest, input: z.object({ task }), output: steeredOutput },
      async (project, { task: id }) => await steered(project, spec.needs, id, done),
    );
  };
  steer('retry_task', {
    title: 'Try a task again',
    description:
      'Puts a failed, cancelled or skipped task back in the queue, with a fresh count of attempts.',
    needs: 'retry',
    done: 'is back in the queue',
  });
  steer('cancel_task', {
    title: 'Cancel a task',
    description: 'Takes a task out of the work; an agent at it is stopped, and what it wrote is kept.',
    needs: 'cancel',
    done: 'is cancelled',
  });
  steer('pause_task', {
    title: 'Pause a task',
    description:
      'Lets a task rest: nobody begins it, and an agent at it is stopped with its work kept, until resume_task.',
    needs: 'pauseTasks',
    done: 'is paused',
  });
  steer('resume_task', {
    title: 'Resume a task',
    description: 'Lets a paused task go on where it stood, in the same conversation.',
    needs: 'resumeTasks',
    done: 'goes on',
  });
  offerTool(
    server,
    door,
    {
      name: 'review_task',
      title: 'Approve or reject work',
      description:
        'For work that waits for an approval: approved lets it be merged, rejected sends it back to its agent with ' +
        'what must change. Read it with get_diff first.',
      needs: 'review',
      input: z.object({
        task,
        verdict: z.enum(['approved', 'rejected']),
        text: z.string().max(20_000).optional().describe('what must change, or what is to be remembered'),
      }),
      output: z.object({ task: z.string(), verdict: z.string() }),
    },
    async (project, { task: id, verdict, text }) => {
      await project.review({ task: id, verdict, ...present({ text }) });
      return { text: `${id} is ${verdict}.`, value: { task: id, verdict } };
    },
  );
}

function talkTools(server: McpServer, door: ClientDoor): void {
  offerTool(
    server,
    door,
    {
      name: 'answer_question',
      title: 'Answer an agent',
      description:
        'Answers an open question of an agent (see list_questions), which goes on with it in the same conversation. ' +
        'The number of an option stands for it.',
      needs: 'answer',
      input: z.object({
        task,
        answer: z.string().min(1).max(20_000),
        question: z.string().max(64).optional().describe('id of the question, when the task asks several'),
      }),
      output: z.object({ task: z.string(), open_questions: z.number() }),
    },
    async (project, { task: id, answer, question }) => {
      const { openQuestions } = await project.answer({ task: id, answer, ...present({ question }) });
      const left = openQuestions === 0 ? 'It goes on.' : `${openQuestions} more to answer.`;
      return { text: `Answered ${id}. ${left}`, value: { task: id, open_questions: openQuestions } };
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'send_message',
      title: 'Send a message',
      description: 'Tells something to the agent of a task, to the orchestrator agent, a person or everyone.',
      needs: 'send',
      input: z.object({
        to: z.string().min(1).max(200).describe('id of a task, or orchestrator, person or everyone'),
        text: z.string().min(1).max(20_000),
        reply_to: z.string().max(100).optional(),
      }),
      output: z.object({ id: z.string() }),
    },
    async (project, { to, text, reply_to }) => {
      const { id } = await project.send({ to, text, ...present({ replyTo: reply_to }) });
      return { text: `Sent to ${to} as ${id}.`, value: { id } };
    },
  );
}

async function steered(project: ProjectApi, what: Steer, id: string, done: string): Promise<Answer> {
  const { results } = await project[what]({ tasks: [id] });
  const [result] = results;
  if (result?.kind === 'refused') {
    const reason = `${result.reason}. ${result.advice}`;
    return { text: `Not done: ${reason}`, value: { task: id, done: false, reason } };
  }
  return { text: `${id} ${done}.`, value: { task: id, done: true } };
}

function changeAnswer(
  { task: id, said, dryRun: isDry }: { task: string; said: string; dryRun: boolean },
  { diff, problem }: { diff: string; problem?: { message: string } },
): Answer {
  const behind = problem === undefined ? [] : [`The plan is not up to it yet: ${problem.message}`];
  const lines = diff === '' ? ['The file says so already.'] : [said, diff];
  return {
    text: [...lines, ...behind].join('\n'),
    value: { task: id, diff, written: !isDry && diff !== '', ...present({ problem: problem?.message }) },
  };
}
