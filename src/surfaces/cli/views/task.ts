import type { MessageRecord } from '../../../core/tasks/message.ts';
import { ACTIVE_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { QuestionRecord, StepRecord, Task } from '../../../core/tasks/task.ts';
import { count, duration, isoTime, money, shortId } from '../format.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { SHOWN_STATES, shownState } from '../task-words.ts';
import { messageJson, renderMessages } from './messages.ts';
import { pauseJson } from './pauses.ts';
import { questionJson, renderQuestions } from './questions.ts';

/** A task in every `--json` answer. `step` is the step at work, when there is one. */
export function taskJson(task: Task, step?: StepRecord): Record<string, unknown> {
  const { definition } = task;
  return {
    id: task.id,
    title: definition.title,
    state: task.state,
    ready: shownState(task) === 'ready',
    attempts: task.attempts,
    failures: task.failures,
    dependsOn: definition.dependsOn,
    agent: step?.agent ?? definition.agent ?? null,
    workflow: definition.workflow ?? null,
    priority: definition.priority,
    files: definition.files,
    path: definition.path,
    costUsd: task.costUsd,
    inputTokens: task.inputTokens,
    outputTokens: task.outputTokens,
    paused: pauseJson(task.paused),
    reason: task.reason ?? null,
    edited: task.stale.map(({ field }) => field),
    summary: task.summary ?? null,
    branch: task.branch ?? null,
    worktree: task.worktree ?? null,
    mergeCommit: task.mergeCommit ?? null,
    startedAt: timeOrNull(task.startedAt),
    finishedAt: timeOrNull(task.finishedAt),
    step: step === undefined ? null : stepJson(step),
  };
}

export function stepJson(step: StepRecord): Record<string, unknown> {
  return {
    step: step.step,
    attempt: step.attempt,
    kind: step.kind,
    agent: step.agent,
    provider: step.provider,
    round: step.round,
    state: step.state,
    verdict: step.verdict ?? null,
    outcome: step.outcome ?? null,
    summary: step.summary ?? null,
    session: step.session ?? null,
    pid: step.process?.pid ?? null,
    costUsd: step.costUsd,
    startedAt: isoTime(step.startedAt),
    finishedAt: timeOrNull(step.finishedAt),
  };
}

export interface TaskSource {
  readonly task: Task;
  readonly steps: readonly StepRecord[];
  readonly questions: readonly QuestionRecord[];
  /** To and from the task, oldest first. */
  readonly messages: readonly MessageRecord[];
  readonly now: number;
}

export function taskDetailJson(source: TaskSource): unknown {
  const { task, steps } = source;
  const working = steps.find((step) => step.state === 'running');
  return {
    ...taskJson(task, working),
    prompt: task.definition.prompt,
    verify: task.definition.verify ?? null,
    approve: task.definition.approve === true,
    exitCriteria: task.definition.exitCriteria,
    onFailure: task.definition.onFailure,
    steps: steps.map(stepJson),
    questions: source.questions.map(questionJson),
    messages: source.messages.map(messageJson),
  };
}

/** All about one task, for people. */
export function renderTask(source: TaskSource, options: { width: number; paint: Paint }): string[] {
  const { task, steps, now } = source;
  const { definition } = task;
  const { paint } = options;
  const shown = SHOWN_STATES[shownState(task)];
  const fields: (readonly [string, string | undefined])[] = [
    [
      'state',
      paint(shown.look, shown.word) +
        // Who paused it stands below.
        (task.reason === undefined || task.paused !== undefined ? '' : `: ${safeLine(task.reason)}`),
    ],
    ['paused', pausedText(task, now)],
    ['edited', editedText(task)],
    ['in', listed(Object.values(definition.path))],
    ['depends on', listed(definition.dependsOn)],
    ['files', listed(definition.files)],
    ['agent', definition.agent ?? definition.workflow],
    ['verify', definition.verify],
    ['approval', definition.approve === true ? 'a person approves the work before its merge' : undefined],
    ['attempts', task.attempts === 0 ? undefined : `${task.attempts}${failuresText(task)}`],
    ['cost', task.costUsd > 0 ? money(task.costUsd) : undefined],
    ['took', tookText(task, now)],
    // Both end with the merge.
    ['branch', task.state === 'done' ? undefined : task.branch],
    ['worktree', task.state === 'done' ? undefined : task.worktree],
    ['merged as', task.mergeCommit === undefined ? undefined : shortId(task.mergeCommit)],
    ['summary', task.summary],
  ];
  const lines = [`${paint('bold', safeLine(task.id))}  ${safeLine(definition.title)}`];
  for (const [name, value] of fields) {
    // The state is painted already, and built from safe parts.
    const text = name === 'state' ? value : value === undefined ? undefined : safeLine(value);
    if (text !== undefined && text !== '') lines.push(`  ${paint('dim', name.padEnd(10))}  ${text}`);
  }
  const isActive = (ACTIVE_STATES as readonly TaskState[]).includes(task.state);
  if (steps.length > 0) lines.push('', ...stepTable(steps, { now, isActive }, options));
  const open = source.questions.filter((question) => question.answer === undefined);
  if (open.length > 0) lines.push('', ...renderQuestions(open, { now, paint }));
  if (source.messages.length > 0) lines.push('', ...renderMessages(source.messages, { now, paint }));
  if (definition.prompt !== '') {
    lines.push('', paint('dim', 'Prompt'), ...indent(safeBlock(definition.prompt)));
  }
  return lines;
}

function stepTable(
  steps: readonly StepRecord[],
  { now, isActive }: { now: number; isActive: boolean },
  options: { width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'STEP', side: 'right' },
      { title: 'ATTEMPT', side: 'right' },
      { title: 'KIND' },
      { title: 'AGENT' },
      { title: 'TOOK', side: 'right' },
      { title: 'COST', side: 'right' },
      { title: 'RESULT', flexible: true },
    ],
    rows: steps.map((step) => [
      { text: String(step.step) },
      { text: String(step.attempt) },
      { text: step.kind },
      { text: safeLine(step.agent) },
      { text: duration((step.finishedAt ?? now) - step.startedAt) },
      { text: money(step.costUsd) },
      { text: safeLine(stepResult(step, isActive)), look: step.state === 'running' ? 'cyan' : undefined },
    ]),
    ...options,
  });
}

function stepResult(step: StepRecord, isActive: boolean): string {
  // Whoever goes on closes it.
  if (step.state === 'running') return isActive ? 'at work' : 'stopped';
  const what =
    step.outcome === 'success' ? (step.verdict ?? 'done') : (step.outcome ?? step.verdict ?? 'ended');
  return step.summary === undefined || step.summary === '' ? what : `${what}: ${step.summary}`;
}

/** What its agent does not know yet. */
export function editedText({ stale, state }: Task): string | undefined {
  if (stale.length === 0) return undefined;
  const fields = stale.map(({ field }) => field).join(', ');
  const when = (ACTIVE_STATES as readonly TaskState[]).includes(state) ? 'its next turn' : 'its next attempt';
  return `${fields}; its agent is told at ${when}`;
}

function pausedText({ id, paused }: Task, now: number): string | undefined {
  if (paused === undefined) return undefined;
  const { by, reason, at } = paused;
  const why = reason === '' ? '' : `: ${reason}`;
  return `by ${by} ${duration(Math.max(0, now - at))} ago${why}; goes on with cw task resume ${id}`;
}

function failuresText(task: Task): string {
  return task.failures === 0 ? '' : `, ${count(task.failures, 'failure')}`;
}

function tookText(task: Task, now: number): string | undefined {
  if (task.startedAt === undefined) return undefined;
  return duration((task.finishedAt ?? now) - task.startedAt);
}

function listed(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}

function indent(block: string): string[] {
  return block
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`));
}

function timeOrNull(at: number | undefined): string | null {
  return at === undefined ? null : isoTime(at);
}
