import * as z from 'zod';
import { count, dryRun, id, newTaskFields, taskFields, taskRef, taskState, text } from './inputs.ts';
import { mutation, query, router } from './procedures.ts';

const CHANGE =
  'The diff of the file; empty when it says so already. `problem`: why the plan does not follow.';
const tasks = z.strictObject({ tasks: z.array(id).min(1).max(1_000) });
const commanded = 'What became of each task: done, or refused with the reason.';

/** Tasks, and what their agents do. */
export const taskRouter = router({
  list: query(
    'tasks',
    z
      .strictObject({
        states: z.array(taskState).exactOptional(),
        ids: z.array(id).max(1_000).exactOptional(),
      })
      .optional(),
    {
      does: 'Lists the tasks in the order of the roadmap.',
      gives: 'The tasks; archived ones only when asked for.',
    },
  ),
  get: query('task', taskRef, {
    does: 'Shows one task.',
    gives: 'The task with its steps, sessions, questions, and what the tasks before it did.',
  }),
  next: query(
    'next',
    z
      .strictObject({
        states: z
          .array(z.enum([...taskState.options, 'ready']))
          .exactOptional()
          .describe('Default: ready.'),
        initiative: id.exactOptional(),
        phase: id.exactOptional(),
        plan: id.exactOptional(),
        domain: id.exactOptional(),
        agent: id.exactOptional().describe('The agent that begins it.'),
        limit: z.int().min(1).max(1_000).exactOptional().describe('Default: 5.'),
      })
      .optional(),
    {
      does: 'Says which tasks are next, in the order in which they would start. Reads the roadmap file first.',
      gives: 'The tasks, and `planHash`, which changes with the roadmap file.',
    },
  ),
  diff: query(
    'diff',
    taskRef.extend({
      files: z.array(z.string().max(4_096)).min(1).max(1_000).exactOptional(),
      maxBytes: count.exactOptional().describe('Where the text is cut. Default: 1 MiB; 0: no text.'),
    }),
    {
      does: 'Shows what a task has changed.',
      gives: 'A unified diff, and the numbers of each file.',
    },
  ),
  logs: query(
    'logs',
    taskRef.extend({
      attempt: count.exactOptional().describe('Default: the latest.'),
      step: count.exactOptional(),
      raw: z.boolean().exactOptional().describe('What the CLI printed, instead of what the agent said.'),
    }),
    { does: 'Lists the log files of a task.', gives: 'Their names, and whether they still grow.' },
  ),
  readLog: query(
    'readLog',
    taskRef.extend({
      name: z.string().max(100).describe('One of `task.logs`.'),
      from: count.describe('The byte to go on from.'),
      isOver: z.boolean().describe('Take an unfinished last line as a line.'),
    }),
    {
      does: 'Reads a piece of a log file.',
      gives: 'Whole lines, 256 KiB at most, and `next`, the byte to go on from.',
    },
  ),
  readLogBefore: query(
    'readLogBefore',
    taskRef.extend({
      name: z.string().max(100).describe('One of `task.logs`.'),
      before: count.describe('The byte that is known already.'),
    }),
    {
      does: 'Reads the piece of a log file that ends at a byte.',
      gives: 'Whole lines, 128 KiB at most, and `first`, the byte at which they begin.',
    },
  ),
  retry: mutation('retry', tasks, {
    does: 'Puts tasks that ended without success back in the queue.',
    gives: commanded,
  }),
  cancel: mutation('cancel', tasks, { does: 'Takes tasks out of the work.', gives: commanded }),
  pause: mutation('pauseTasks', tasks.extend({ reason: text.exactOptional() }), {
    does: 'Lets tasks rest until they are resumed; an agent at one is stopped, and its work is kept.',
    gives: commanded,
  }),
  resume: mutation('resumeTasks', tasks, {
    does: 'Lets paused tasks go on where they stood, in the same conversations.',
    gives: commanded,
  }),
  review: mutation(
    'review',
    taskRef.extend({
      verdict: z.enum(['approved', 'rejected']),
      text: text.exactOptional().describe('A comment on an approval, or what must change.'),
      commit: id.exactOptional().describe('Only if that, or what begins so, is the work that waits.'),
    }),
    {
      does: 'Lets finished work go on, or sends it back to its agent.',
      gives: 'How many questions are open still, and whether somebody is at work who goes on.',
    },
  ),
  comment: mutation(
    'comment',
    taskRef.extend({
      text,
      file: z.string().max(4_096).exactOptional(),
      line: z.int().min(1).exactOptional(),
    }),
    { does: 'Comments on the work of a task; its agent reads it.', gives: 'The comment as it is kept.' },
  ),
  add: mutation(
    'addTask',
    z.strictObject({
      id: id.exactOptional().describe('Default: made from the title.'),
      fields: newTaskFields.describe('Keys as the roadmap file has them.'),
      into: id.exactOptional().describe('A phase, plan or initiative. Default: the end of the file.'),
      dryRun,
    }),
    { does: 'Writes a task into the roadmap file.', gives: `Its id. ${CHANGE}` },
  ),
  edit: mutation(
    'editTask',
    taskRef.extend({
      fields: taskFields.describe('Keys as the roadmap file has them; null takes one away.'),
      dryRun,
    }),
    {
      does: 'Changes a task in the roadmap file, its status too: `{"status": "done"}` completes it.',
      gives: CHANGE,
    },
  ),
  remove: mutation(
    'removeTask',
    taskRef.extend({
      unlink: z
        .boolean()
        .exactOptional()
        .describe('Also take it out of what depends on it; else such a task is a reason to refuse.'),
      dryRun,
    }),
    { does: 'Takes a task out of the roadmap file.', gives: CHANGE },
  ),
  rename: mutation('renameTask', taskRef.extend({ to: id, dryRun }), {
    does: 'Gives a task another id; it stays the same task.',
    gives: CHANGE,
  }),
});

export const agentRouter = router({
  list: query(
    'agents',
    z
      .strictObject({
        task: id.exactOptional(),
        all: z.boolean().exactOptional().describe('Also those whose task is over.'),
      })
      .optional(),
    { does: 'Lists agents: role and task.', gives: 'Each with its newest step and all that it has used.' },
  ),
  turns: query('turns', taskRef, {
    does: 'Shows what the agents of a task were told, and how their turns ended.',
    gives: 'The steps of the task in order.',
  }),
  said: query('said', taskRef.extend({ step: count, after: z.int().min(-1) }), {
    does: 'Shows what was said in one turn. `after`: the `first` of the last known part; -1 for all.',
    gives: 'The parts in order.',
  }),
  spawn: mutation(
    'spawnAgent',
    z.strictObject({
      agent: id.describe('Of the config.'),
      prompt: text.min(1),
      id: id.exactOptional(),
      files: z.array(z.string().max(1_000)).max(1_000).exactOptional(),
    }),
    { does: 'Adds a one-off task outside of the roadmap.', gives: 'Its id, and whether somebody takes it.' },
  ),
  stop: mutation('stopAgent', taskRef, {
    does: 'Stops the agent at a task, and cancels the task.',
    gives: commanded,
  }),
});
