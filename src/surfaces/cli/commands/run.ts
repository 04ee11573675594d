import { findTask } from '../../../core/api/find-task.ts';
import { readStatus } from '../../../core/api/read-status.ts';
import { UsageError } from '../../../core/errors.ts';
import type { LoggedEvent, MergeStrategy } from '../../../core/events/event.ts';
import type { Counts } from '../../../core/tasks/ports.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext, RunOptions, RunOutcome } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { words } from '../input.ts';
import { printLines } from '../print.ts';
import { type ReportMode, RunReporter } from '../run-reporter.ts';
import { safeLine } from '../safe-text.ts';
import { endLine, renderRunSummary } from '../views/run-summary.ts';
import type { RunFace } from './run-face.ts';

/** How often the elapsed time on a terminal is redrawn. */
const TICK_MS = 1_000;

/** A server works for every project in the same way: what is said for one run alone, it would not heed. */
const OPTION_FLAGS = {
  only: '--only',
  maxAgents: '--max-agents',
  strategy: '--strategy',
  budgetUsd: '--budget-usd',
} as const;
const FOR_ONE_RUN = Object.keys(OPTION_FLAGS) as readonly (keyof typeof OPTION_FLAGS)[];

export const run: Action = async (context, input) => {
  const { options } = input;
  if (options.detach === true) return await detach(context, input);
  const only = options.only === undefined ? undefined : words(options.only);
  return await runAndReport(context, {
    ...(options.maxAgents === undefined ? {} : { maxAgents: Number(options.maxAgents) }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy as MergeStrategy }),
    ...(only === undefined ? {} : { only }),
    ...(options.budgetUsd === undefined ? {} : { budgetUsd: Number(options.budgetUsd) }),
    watch: options.watch === true,
    plain: options.plain === true,
    verbose: options.verbose === true,
    // Who wants to read more of it wants lines.
    ...(options.verbose === true ? {} : { face: { quitStops: false } }),
  });
};

async function detach(context: CliContext, input: Parameters<Action>[1]): Promise<ExitCode> {
  const [given] = FOR_ONE_RUN.filter((name) => input.options[name] !== undefined);
  if (given !== undefined) {
    throw new UsageError('NOT_DETACHED', `cw run --detach takes no ${OPTION_FLAGS[given]}`, {
      advice: 'set it in the config, or leave --detach away',
    });
  }
  const { serve } = await import('./serve.ts');
  return await serve(context, { args: [], options: { json: context.json } });
}

/** Runs the project with a report in the form that suits the output, and tells how it ended. */
export async function runAndReport(
  context: CliContext,
  options: {
    maxAgents?: number;
    strategy?: MergeStrategy;
    /** Ids as given; each must be known once the roadmap is read. */
    only?: readonly string[];
    budgetUsd?: number;
    watch?: boolean;
    /** False: only do what the store holds already. */
    roadmap?: boolean;
    plain: boolean;
    verbose: boolean;
    /** Show it as a whole where there is a person at a terminal. See `RunState` for `quitStops`. */
    face?: { readonly quitStops: boolean };
  },
): Promise<ExitCode> {
  const { io, services, paint } = context;
  const signal = context.stopSignal();
  const startedAt = services.now();
  const mode: ReportMode = context.json ? 'json' : io.outIsTerminal && !options.plain ? 'terminal' : 'plain';
  const reporter = new RunReporter({
    mode,
    verbose: options.verbose,
    paint,
    startedAt,
    write: (text) => io.out(text),
    columns: () => io.columns(),
  });
  const only = options.only === undefined ? undefined : await knownTasks(context, options);
  // Who gives a build a terminal does not sit at it, and would wait for ever for a person to leave.
  const isWatched = mode === 'terminal' && io.canAsk && (io.env['CI'] ?? '') === '';
  const face =
    isWatched && options.face !== undefined
      ? await openRunFace(context, { ...options.face, isAtOnce: options.watch === true, signal })
      : undefined;
  const runOptions: RunOptions = {
    ...(options.maxAgents === undefined ? {} : { maxAgents: options.maxAgents }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    ...(only === undefined ? {} : { only: only.map((task) => task.id) }),
    ...(options.budgetUsd === undefined ? {} : { budgetUsd: options.budgetUsd }),
    watch: options.watch ?? false,
    ...(face === undefined ? {} : { onlooker: face }),
    roadmap: options.roadmap ?? true,
    signal,
    onEvents: (events: readonly LoggedEvent[], counts: Counts) => {
      if (face?.sees(events) === true) reporter.end();
      else reporter.events(events, counts, services.now());
    },
    onNotice: (message) => {
      if (face?.takes(message) === true) return;
      reporter.end();
      io.err(`note: ${safeLine(message)}\n`);
    },
  };
  const tick = (): void => {
    if (face?.isOpen !== true) reporter.tick(services.now());
  };
  const ticking = mode === 'terminal' ? setInterval(tick, TICK_MS) : undefined;
  let outcome: RunOutcome = { holds: [], stoppedBy: undefined };
  try {
    outcome = await services.runs.run(runOptions);
    await face?.end(signal.aborted ? undefined : await lastWords(context, { startedAt, ...outcome }));
  } finally {
    clearInterval(ticking);
    for (const message of (await face?.end(undefined)) ?? []) io.err(`note: ${safeLine(message)}\n`);
    reporter.end();
  }

  const { holds, stoppedBy } = outcome;
  if (stoppedBy !== undefined) io.err(`note: ended because it was asked to, by ${safeLine(stoppedBy)}\n`);
  const stopped = signal.aborted || stoppedBy !== undefined;
  const source = await readStatus(services);
  if (mode !== 'json') {
    const { integrationBranch } = (await services.config()).merge;
    printLines(
      context,
      renderRunSummary(source, { startedAt, stopped, holds, integrationBranch, width: io.columns(), paint }),
    );
  }
  const ids = only === undefined ? undefined : new Set<string>(only.map((task) => task.id));
  return exitCodeOf(ids === undefined ? source.tasks : source.tasks.filter((task) => ids.has(task.id)), {
    stopped,
    held: holds.length > 0,
  });
}

async function openRunFace(
  context: CliContext,
  options: { quitStops: boolean; isAtOnce: boolean; signal: AbortSignal },
): Promise<RunFace> {
  const { RunFace: Face } = await import('./run-face.ts');
  return new Face(context, options);
}

/** How the run ended, in one line, while its result is looked at. */
async function lastWords(
  { services }: CliContext,
  { startedAt, stoppedBy }: { startedAt: number; stoppedBy: string | undefined },
): Promise<string> {
  const { counts, now } = await readStatus(services);
  return endLine(counts, { stopped: stoppedBy !== undefined, tookMs: now - startedAt });
}

/**
 * 130 after a signal, or when somebody asked this run to end; 3 while a question is open or tasks are held for a person, because the run can go on after that; 1 when a task failed,
 * is blocked or could not be started; else 0. A cancelled task is what somebody wanted.
 */
export function exitCodeOf(
  tasks: readonly Pick<Task, 'state'>[],
  { stopped, held }: { stopped: boolean; held: boolean },
): ExitCode {
  if (stopped) return EXIT.interrupted;
  if (held || tasks.some((task) => task.state === 'waiting_input')) return EXIT.waiting;
  const settled = new Set(['done', 'skipped', 'cancelled', 'archived']);
  return tasks.every((task) => settled.has(task.state)) ? EXIT.ok : EXIT.failed;
}

async function knownTasks(
  context: CliContext,
  options: { only?: readonly string[]; roadmap?: boolean },
): Promise<readonly Task[]> {
  const problem = options.roadmap === false ? undefined : await context.services.refresh();
  if (problem !== undefined) throw problem;
  return await Promise.all((options.only ?? []).map((text) => findTask(context.services, text)));
}
