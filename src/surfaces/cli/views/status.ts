import type { StatusSource } from '../../../core/api/ports.ts';
import type { Counts } from '../../../core/tasks/ports.ts';
import { ACTIVE_STATES, TASK_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { StepRecord, Task } from '../../../core/tasks/task.ts';
import { count, duration, money } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { SHOWN_STATES, type ShownState, shownState } from '../task-words.ts';
import { accountJson, renderAccounts } from './accounts.ts';
import { renderAttention } from './attention.ts';
import { reviewLines } from './holds.ts';
import { orchestratorJson, orchestratorsAtWork, renderOrchestrators } from './orchestrators.ts';
import { pauseHoldLines, pauseJson, projectPauseLines } from './pauses.ts';
import { questionJson } from './questions.ts';
import { editedText, taskJson } from './task.ts';

/** The order in which the counts are shown; states nobody is in are left out. */
const COUNT_ORDER: readonly ShownState[] = [
  'done',
  'running',
  'merging',
  'claimed',
  'waiting_input',
  'ready',
  'paused',
  'pending',
  'failed',
  'blocked',
  'skipped',
  'cancelled',
];

/** `cw status --json`. Every state is in `counts`, also at 0; `ready` and `paused` are parts of `pending`. */
export function statusJson(source: StatusSource): unknown {
  const stepOf = new Map(source.steps.map((step) => [step.task, step]));
  return {
    project: source.project,
    counts: {
      ...Object.fromEntries(TASK_STATES.map((state) => [state, source.counts.byState[state]])),
      ready: source.counts.ready,
      paused: source.counts.paused,
      total: source.counts.total,
    },
    paused: pauseJson(source.paused),
    costUsd: source.counts.costUsd,
    tasks: source.tasks.map((task) => taskJson(task, stepOf.get(task.id))),
    orchestrators: source.orchestrators.map((one) => orchestratorJson(one, source)),
    questions: source.questions.map(questionJson),
    accounts: source.accounts.map((standing) => accountJson(standing.account, standing)),
    review: { waiting: approvalsOf(source), maxWaiting: source.maxWaiting ?? null },
    delivery: source.delivery ?? null,
  };
}

/** One screen: counts, who works on what, what needs a person with the next command, what can be delivered. */
export function renderStatus(source: StatusSource, options: { width: number; paint: Paint }): string[] {
  const sections = [
    heading(source, options.paint),
    projectPauseLines(source.paused, options.paint),
    running(source, options),
    together(source, options),
    renderAccounts(source.accounts, { ...options, now: source.now }),
    [
      ...renderAttention(source, options),
      ...pausedTasks(source, options.paint),
      ...reviewHold(source, options.paint),
    ],
    renderNext(source, options.paint),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, i) => (i === 0 ? section : ['', ...section]));
}

/** How many tasks wait for an approval. */
function approvalsOf({ questions }: StatusSource): number {
  return new Set(questions.filter(({ kind }) => kind === 'approval').map(({ task }) => task)).size;
}

/** Which tasks persons let rest. */
function pausedTasks({ tasks }: StatusSource, paint: Paint): string[] {
  const paused = tasks.flatMap(({ id, paused: pause }) => (pause === undefined ? [] : [{ id, pause }]));
  return paused.length === 0 ? [] : pauseHoldLines({ kind: 'tasks-paused', tasks: paused }, paint);
}

/** That new tasks do not begin, because too much work waits for an approval. */
function reviewHold(source: StatusSource, paint: Paint): string[] {
  const { maxWaiting, tasks } = source;
  const waiting = approvalsOf(source);
  const held = tasks.filter((task) => shownState(task) === 'ready' && task.attempts === 0).length;
  if (maxWaiting === undefined || waiting < maxWaiting || held === 0) return [];
  return reviewLines({ waiting, maxWaiting, held }, paint);
}

function heading(source: StatusSource, paint: Paint): string[] {
  const { counts } = source;
  const done = counts.byState.done + counts.byState.skipped;
  const summary = [
    `${done} of ${count(counts.total, 'task')} done`,
    money(counts.costUsd),
    orchestratorsAtWork(source.orchestrators, source.heartbeatMs),
  ].join(' · ');
  const parts = COUNT_ORDER.map((state) => ({ state, n: countOf(counts, state) }))
    .filter(({ n }) => n > 0)
    .map(({ state, n }) => paint(SHOWN_STATES[state].look, `${n} ${SHOWN_STATES[state].word}`));
  const first = `${paint('bold', safeLine(source.project))}  ${summary}`;
  return parts.length === 0 ? [first] : [first, parts.join('  ')];
}

function countOf(counts: Counts, state: ShownState): number {
  if (state === 'ready') return counts.ready;
  if (state === 'paused') return counts.paused;
  if (state === 'pending') return counts.byState.pending - counts.ready - counts.paused;
  return counts.byState[state];
}

function running(source: StatusSource, options: { width: number; paint: Paint }): string[] {
  const active = source.tasks.filter((task) => isActive(task.state));
  if (active.length === 0) return [];
  const stepOf = new Map(source.steps.map((step) => [step.task, step]));
  const lines = table({
    columns: [
      { title: 'TASK' },
      { title: 'AGENT' },
      { title: 'STEP' },
      { title: 'FOR', side: 'right' },
      { title: 'COST', side: 'right' },
      { title: 'TITLE', flexible: true },
    ],
    rows: active.map((task) => {
      const step = stepOf.get(task.id);
      const since = step?.startedAt ?? task.startedAt ?? source.now;
      return [
        { text: safeLine(task.id), look: 'cyan' },
        { text: safeLine(step?.agent ?? task.definition.agent ?? '-') },
        { text: stepText(task, step) },
        { text: duration(source.now - since) },
        { text: money(task.costUsd) },
        { text: safeLine(task.definition.title) },
      ];
    }),
    ...options,
  });
  for (const task of active) {
    const edited = editedText(task);
    if (edited !== undefined) lines.push(`${safeLine(task.id)} was edited: ${safeLine(edited)}`);
  }
  return lines;
}

/** Who shares the work; one that works alone is in the heading. */
function together(source: StatusSource, options: { width: number; paint: Paint }): string[] {
  const { orchestrators, heartbeatMs, now, paused } = source;
  return orchestrators.length < 2
    ? []
    : renderOrchestrators(orchestrators, { ...options, heartbeatMs, now, paused });
}

function stepText(task: Task, step: StepRecord | undefined): string {
  if (task.state === 'merging') return 'merging';
  if (step === undefined) return 'starting';
  const round = step.round > 1 ? `, round ${step.round}` : '';
  const attempt = task.attempts > 1 ? `, attempt ${task.attempts}` : '';
  return `${step.kind}${round}${attempt}`;
}

/** What to do next, when nothing is at work. */
export function renderNext(source: StatusSource, paint: Paint): string[] {
  const lines: string[] = [];
  const { delivery, counts } = source;
  const pull = delivery?.pull;
  if (pull !== undefined) {
    const n = pull.tasks.length;
    const what = `${count(n, 'task')} ${n === 1 ? 'waits' : 'wait'} in pull request #${pull.number}`;
    lines.push(`${what}: ${safeLine(pull.url)}`, `    ${paint('dim', 'cw deliver --status')}`);
  }
  const inPull = new Set(pull?.tasks);
  const more = delivery?.tasks.filter((task) => !inPull.has(task)).length ?? 0;
  if (delivery !== undefined && more > 0) {
    lines.push(
      `${safeLine(delivery.branch)} is ${count(more, pull === undefined ? 'task' : 'more task')} ahead of ${safeLine(delivery.target)}.`,
      `    ${paint('dim', 'cw deliver')}`,
    );
  }
  if (counts.total === 0) {
    lines.push('The roadmap has no tasks yet.', `    ${paint('dim', 'cw task add "…"')}`);
  } else if (source.orchestrators.length === 0 && counts.ready > 0 && source.paused === undefined) {
    lines.push(`${count(counts.ready, 'task')} can start.`, `    ${paint('dim', 'cw run')}`);
  }
  return lines;
}

function isActive(state: TaskState): boolean {
  return (ACTIVE_STATES as readonly TaskState[]).includes(state);
}
