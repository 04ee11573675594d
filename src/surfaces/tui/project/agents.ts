import type { AgentRecord } from '../../../core/agents/history.ts';
import type { QuestionStage, StepKind } from '../../../core/events/event.ts';
import type { Pause, QuestionRecord, Task } from '../../../core/tasks/task.ts';
import { pauseText } from '../../cli/views/pauses.ts';
import type { ClosedAccount, Report, Spending } from './records.ts';
import type { TaskTable } from './task-table.ts';

/**
 * `waiting`: for an answer. `limited`: its provider takes no work until a time. `paused`: it was begun, and a person, a
 * spent budget or a time to come keeps it from going on. `merging`: its work is being merged.
 */
export type AgentState = 'working' | 'waiting' | 'paused' | 'limited' | 'merging' | 'failed' | 'complete';

/** A task that somebody is at, or was a moment ago, with the agent whose turn it is. Times are epoch ms. */
export interface AgentPane {
  readonly task: string;
  readonly title: string;
  readonly state: AgentState;
  /** Why it is in that state, where there is something to say. */
  readonly reason: string | undefined;
  /** When it goes on by itself. */
  readonly until: number | undefined;
  /** Who is to answer what it asked. */
  readonly asked: QuestionStage | undefined;
  readonly role: string | undefined;
  readonly provider: string | undefined;
  readonly account: string | undefined;
  readonly model: string | undefined;
  readonly step: { readonly number: number; readonly kind: StepKind; readonly round: number } | undefined;
  readonly attempt: number;
  /** Of the task, all attempts together. */
  readonly costUsd: number;
  readonly tokens: number;
  /** Since when it is at its step, or in its state. */
  readonly since: number | undefined;
  readonly endedAt: number | undefined;
  readonly progress: Report | undefined;
}

const MOST_FAILED = 32;
const MOST_COMPLETE = 16;
const MOST_PAUSED = 64;

/** Tasks that have a pane, in roadmap order: all that are begun, and the newest of those that ended. */
export function withPane(tasks: TaskTable): readonly Task[] {
  const { begun, paused, newestFailed, newestDone } = tasks.groups;
  return [
    ...begun,
    ...paused.slice(0, MOST_PAUSED),
    ...newestFailed.slice(0, MOST_FAILED),
    ...newestDone.slice(0, MOST_COMPLETE),
  ]
    .sort((a, b) => a - b)
    .flatMap((place) => tasks.at(place) ?? []);
}

/** Does it matter how far its agent is? */
export function mayReport({ state }: Task): boolean {
  return state !== 'failed' && state !== 'done';
}

interface PaneFacts {
  readonly tasks: TaskTable;
  readonly agents: ReadonlyMap<string, readonly AgentRecord[]>;
  readonly reports: ReadonlyMap<string, Report | undefined>;
  /** The open ones. */
  readonly questions: readonly QuestionRecord[];
  readonly accounts: readonly ClosedAccount[];
  readonly spending: Spending;
  /** Somebody paused the whole project. */
  readonly paused: Pause | undefined;
}

export function panesOf(facts: PaneFacts): readonly AgentPane[] {
  const questions = Map.groupBy(facts.questions, ({ task }) => task as string);
  return withPane(facts.tasks).map((task) => paneOf(task, facts, questions.get(task.id) ?? []));
}

function paneOf(task: Task, facts: PaneFacts, questions: readonly QuestionRecord[]): AgentPane {
  const step = newestStep(facts.agents.get(task.id) ?? []);
  const closed = facts.accounts.find(({ account }) => account === step?.account);
  const { paused, spending } = facts;
  const { budgets } = spending;
  const { state, reason, until } = stateOf(task, { questions, closed, budgets, paused });
  const report = facts.reports.get(task.id);
  const isOver = state === 'failed' || state === 'complete';
  return {
    task: task.id,
    title: task.definition.title,
    state,
    reason,
    until,
    asked: askedOf(questions),
    role: step?.agent ?? task.definition.agent,
    provider: step?.provider,
    account: step?.account,
    model: step?.model,
    step: step === undefined ? undefined : { number: step.step, kind: step.kind, round: step.round },
    attempt: task.attempts,
    costUsd: task.costUsd,
    tokens: task.inputTokens + task.outputTokens,
    since: isOver ? task.finishedAt : (step?.finishedAt ?? step?.startedAt ?? task.startedAt),
    endedAt: isOver ? task.finishedAt : undefined,
    progress: report?.attempt === task.attempts && !isOver ? report : undefined,
  };
}

function newestStep(agents: readonly AgentRecord[]): AgentRecord['step'] | undefined {
  return agents
    .map(({ step }) => step)
    .reduce<AgentRecord['step'] | undefined>(
      (last, step) => (last === undefined || step.step > last.step ? step : last),
      undefined,
    );
}

/** A person comes last: if one of the questions is theirs, they are waited for. */
function askedOf(questions: readonly QuestionRecord[]): QuestionStage | undefined {
  if (questions.length === 0) return undefined;
  return questions.some(({ stage }) => stage === 'person') ? 'person' : 'orchestrator';
}

interface Standing {
  readonly state: AgentState;
  readonly reason: string | undefined;
  readonly until: number | undefined;
}

function stateOf(
  task: Task,
  facts: {
    readonly questions: readonly QuestionRecord[];
    readonly closed: ClosedAccount | undefined;
    readonly budgets: Spending['budgets'];
    readonly paused: Pause | undefined;
  },
): Standing {
  const { reason } = task;
  const plain = (state: AgentState, why = reason): Standing => ({ state, reason: why, until: undefined });
  switch (task.state) {
    case 'failed':
      return plain('failed');
    case 'merging':
      return plain('merging');
    case 'waiting_input':
      return task.paused === undefined
        ? plain('waiting', facts.questions[0]?.question ?? reason)
        : plain('paused', pauseText(task.paused));
    case 'claimed':
    case 'running': {
      const [asked] = facts.questions;
      return asked === undefined ? plain('working') : plain('waiting', asked.question);
    }
    case 'pending':
      return resting(task, facts);
    default:
      return plain('complete', task.summary);
  }
}

/** Begun, and nobody is at it. */
function resting(
  { notBefore, reason, paused }: Task,
  facts: {
    readonly closed: ClosedAccount | undefined;
    readonly budgets: Spending['budgets'];
    /** The whole project. */
    readonly paused: Pause | undefined;
  },
): Standing {
  const { closed, budgets } = facts;
  if (paused !== undefined) return { state: 'paused', reason: pauseText(paused), until: undefined };
  if (facts.paused !== undefined) {
    return { state: 'paused', reason: `the project is ${pauseText(facts.paused)}`, until: undefined };
  }
  if (closed !== undefined) {
    const until = Math.max(closed.until, notBefore ?? 0);
    return { state: 'limited', reason: closed.reason, until };
  }
  const spent = budgets.find(({ leftUsd }) => leftUsd <= 0);
  if (spent !== undefined) {
    const what = `the budget of this ${spent.scope} is spent`;
    return { state: 'paused', reason: what, until: undefined };
  }
  return { state: 'paused', reason, until: notBefore };
}
