import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LOCAL_PERSON, nameOf } from '../../../core/api/actor.ts';
import { refreshed } from '../../../core/api/find-task.ts';
import { requireAgent } from '../../../core/api/require-agent.ts';
import { CodewalkError, UsageError } from '../../../core/errors.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import type { TaskId } from '../../../core/ids.ts';
import { type Issue, issuesIn } from '../../../core/planning/issues.ts';
import { quoted } from '../../../core/source/problem.ts';
import { decideAnswer } from '../../../core/tasks/commands.ts';
import type { Counts } from '../../../core/tasks/ports.ts';
import type { QuestionRecord, Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { textOption, words } from '../input.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { type ReportMode, RunReporter } from '../run-reporter.ts';
import { safeLine } from '../safe-text.ts';
import { questionJson, renderQuestions } from '../views/questions.ts';
import { showAndDecide } from './plan-decide.ts';

const PERSON = nameOf(LOCAL_PERSON);

const MOST_BYTES = 1_048_576;
const TICK_MS = 1_000;

/** What is worth a line while a plan is made; all of it is in the log. */
const SHOWN: readonly LoggedEvent['type'][] = [
  'step.started',
  'agent.output',
  'agent.retrying',
  'agent.reported',
  'step.finished',
  'task.retried',
  'task.failed',
  'provider.limited',
  'provider.opened',
  'budget.reached',
];

export const planNew: Action = async (context, { args, options }) => {
  const agent = textOption(options.agent) ?? 'orchestrator';
  await requireAgent(context.services, agent);
  await readRoadmap(context);
  const answers = words(options.answer);
  const { goal, issues } =
    (await asking(context, args[0], answers)) ??
    (await asked(context, textOption(args[0]), textOption(options.from)));
  const { id, resumed } = await context.services.planning.begin({ goal, issues, agent, by: PERSON });
  if (resumed) context.io.err(`note: ${id} has the same goal and goes on\n`);
  await give(context, id, answers);
  for (;;) {
    const stopped = await makePlan(context, id);
    const task = await taskOf(context, id);
    if (stopped && task.state !== 'done') return await cancelled(context, id);
    if (task.state === 'waiting_input') {
      if (await askPerson(context, id)) continue;
      return await openQuestions(context, id);
    }
    if (task.state !== 'done') throw await unfinished(context, task);
    return await showAndDecide(context, await context.services.planning.find(id), options);
  }
};

/** A plan is made for what stands in the file now. */
async function readRoadmap(context: CliContext): Promise<void> {
  warnOfRoadmap(context, await refreshed(context.services));
}

/** The one plan that waits for answers, when nothing but answers was given. */
async function asking(
  context: CliContext,
  goal: unknown,
  answers: readonly string[],
): Promise<{ goal: string; issues: readonly Issue[] } | undefined> {
  if (goal !== undefined || answers.length === 0) return undefined;
  const waiting = await (await context.services.store()).tasks({ states: ['waiting_input'] });
  const plans = waiting.flatMap(({ definition: { planning } }) => planning ?? []);
  const [only] = plans;
  return only === undefined || plans.length > 1 ? undefined : { goal: only.goal, issues: [] };
}

/** The goal as it was given, or as a file of issues makes it. */
async function asked(
  context: CliContext,
  given: string | undefined,
  from: string | undefined,
): Promise<{ goal: string; issues: readonly Issue[] }> {
  const goal = given === '-' ? await context.io.readInput(MOST_BYTES) : given;
  const text = from === undefined ? undefined : await readFrom(context, from);
  const issues = text === undefined ? [] : issuesIn(text);
  if (from !== undefined && issues.length === 0) {
    throw new UsageError('NO_ISSUES', `${from} holds no open issue`, {
      advice: 'write them as boxes (- [ ] …), as sections with headings, or as a list',
    });
  }
  const said = goal?.trim() ?? '';
  if (said !== '') return { goal: said, issues };
  const [first] = issues;
  if (first === undefined) {
    throw new UsageError('NO_GOAL', 'no goal was given', {
      advice: 'say what is to be reached: cw plan "…", or name a file: cw plan --from issues.md',
    });
  }
  const all = issues.length === 1 ? first.title : `${first.title}, and ${issues.length - 1} more issues`;
  return { goal: `Do what is asked for in ${from === '-' ? 'the given text' : from}: ${all}`, issues };
}

async function readFrom(context: CliContext, from: string): Promise<string> {
  if (from === '-') return await context.io.readInput(MOST_BYTES);
  const path = resolve(context.directory, from);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > MOST_BYTES) {
    throw new UsageError('NO_ISSUES_FILE', `${quoted(from)} is not a text file of at most 1 MiB`, {
      advice: 'give the path of a Markdown file, or - for standard input',
    });
  }
  return await readFile(path, 'utf8');
}

/** Lets the planning task run until it waits or is over. True when the person stopped it. */
async function makePlan(context: CliContext, id: TaskId): Promise<boolean> {
  const { io, services, paint } = context;
  const store = await services.store();
  const stop = context.stopSignal();
  const settled = new AbortController();
  // Others at work may take the task, and have more to do after it.
  const isShared = (await store.orchestrators()).length > 0;
  const mode: ReportMode = io.outIsTerminal ? 'terminal' : 'plain';
  const reporter = new RunReporter({
    mode,
    verbose: true,
    paint,
    startedAt: services.now(),
    write: (text) => io.out(text),
    columns: () => io.columns(),
  });
  const onEvents = (events: readonly LoggedEvent[], counts: Counts) => {
    const own = events.filter((event) => !('task' in event) || event.task === id);
    if (!context.json)
      reporter.events(
        own.filter(({ type }) => SHOWN.includes(type)).flatMap(withoutAnswer),
        counts,
        services.now(),
      );
    if (isShared && own.some(({ type }) => ENDS.includes(type))) settled.abort();
  };
  const ticking =
    mode === 'terminal' && !context.json
      ? setInterval(() => reporter.tick(services.now()), TICK_MS)
      : undefined;
  try {
    await services.runs.run({
      only: [id],
      roadmap: false,
      deliver: false,
      signal: AbortSignal.any([stop, settled.signal]),
      onEvents,
      onNotice: (message) => {
        reporter.end();
        io.err(`note: ${safeLine(message)}\n`);
      },
    });
  } catch (error) {
    // What cannot begin must not be begun by the next run.
    await services.planning.drop(id, PERSON);
    throw error;
  } finally {
    clearInterval(ticking);
    reporter.end();
  }
  return stop.aborted;
}

const ENDS: readonly LoggedEvent['type'][] = ['task.done', 'task.failed', 'task.asked', 'task.cancelled'];

/** The plan itself is shown in the end, as a diff: not once more as the JSON that the agent says. */
function withoutAnswer(event: LoggedEvent): readonly LoggedEvent[] {
  if (event.type !== 'agent.output') return [event];
  const lines = event.lines.filter((line) => !/^(?:⚙ StructuredOutput |\s*\{")/.test(line));
  return lines.length === 0 ? [] : [{ ...event, lines }];
}

async function taskOf(context: CliContext, id: TaskId): Promise<Task> {
  const task = await (await context.services.store()).task(id);
  if (task === undefined) throw new CodewalkError('PLAN_GONE', `${id} is gone`);
  return task;
}

/** Gives the answers of the command line to the open questions, in their order. */
async function give(context: CliContext, id: TaskId, answers: readonly string[]): Promise<void> {
  const open = await questionsOf(context, id);
  if (answers.length > open.length) {
    throw new UsageError(
      'NO_QUESTION',
      open.length === 0 ? `${id} has asked nothing yet` : `${id} has only ${open.length} open questions`,
      { advice: 'answers go to the questions of the plan with the same goal, in their order' },
    );
  }
  for (const [at, answer] of answers.entries()) await answerOne(context, open, at, answer);
}

async function answerOne(
  context: CliContext,
  open: readonly QuestionRecord[],
  at: number,
  answer: string,
): Promise<void> {
  const question = open[at];
  if (question === undefined) return;
  const outcome = await (await context.services.store()).command(question.task, (task) =>
    decideAnswer(task, { open, questionId: question.id, answer, by: PERSON }),
  );
  if (outcome.kind === 'refused')
    throw new CodewalkError('REFUSED', outcome.reason, { advice: outcome.advice });
}

/** False when nobody is there to answer, or nothing was said. */
async function askPerson(context: CliContext, id: TaskId): Promise<boolean> {
  if (!context.io.canAsk || context.json) return false;
  const open = await questionsOf(context, id);
  printLines(context, ['', 'Before there can be a plan:']);
  for (const [at, { question, options = [] }] of open.entries()) {
    printLines(context, [
      ...question.split(/\r?\n/).map((line) => `  ${safeLine(line)}`),
      ...options.map((option, i) => `  [${i + 1}] ${safeLine(option)}`),
    ]);
    const answer = (await context.io.ask('> ')).trim();
    if (answer === '') return false;
    await answerOne(context, open, at, answer);
  }
  return true;
}

async function openQuestions(context: CliContext, id: TaskId): Promise<ExitCode> {
  const open = await questionsOf(context, id);
  if (context.json) printJson(context, { plan: id, state: 'asks', questions: open.map(questionJson) });
  else {
    printLines(context, [
      '',
      ...renderQuestions(open, { now: context.services.now(), paint: context.paint }),
      '',
      'Answer, and go on with the same words: cw plan "…" --answer "…"',
    ]);
  }
  return EXIT.waiting;
}

async function questionsOf(context: CliContext, id: TaskId): Promise<readonly QuestionRecord[]> {
  return await (await context.services.store()).questions({ open: true, task: id });
}

async function cancelled(context: CliContext, id: TaskId): Promise<ExitCode> {
  await context.services.planning.drop(id, PERSON);
  context.io.err(`note: stopped; there is no plan. What was said is in: cw task logs ${id}\n`);
  return EXIT.interrupted;
}

/** Why there is no plan. It does not stand among the failed tasks of the roadmap. */
async function unfinished(context: CliContext, task: Task): Promise<Error> {
  const reason = task.reason ?? `it is ${task.state}`;
  if (task.state === 'failed') {
    await context.services.planning.drop(task.id, PERSON);
    return new CodewalkError('NO_PLAN', `there is no plan: ${reason}`, {
      advice: `what was said is in: cw task logs ${task.id}`,
    });
  }
  return new CodewalkError('NO_PLAN', `there is no plan yet: ${reason}`, {
    advice: 'the same words go on with it: cw plan "…"',
  });
}
