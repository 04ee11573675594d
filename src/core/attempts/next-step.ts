import type { Workflow } from '../config/schema.ts';
import type { StepKind } from '../events/event.ts';
import type { Rejection } from '../review/approval.ts';
import type { StepRecord } from '../tasks/task.ts';

/** What an attempt does next, from the workflow and the steps that the task has behind it. */
export type NextStep =
  | {
      kind: 'step';
      index: number;
      agent: string;
      round: number;
      stepKind: StepKind;
      /** What the reviewer or tester said, for a `fix`. */
      feedback: string | undefined;
      /** Run the task's verify command before the agent. */
      verify: boolean;
      /** Continue the role's earlier conversation, if one is stored. */
      continueSession: boolean;
      /** The step that the work has passed right before; absent for work that goes on or comes back. */
      passed?: number;
    }
  /** Every step passed: merge. */
  | { kind: 'finished' }
  /** A step rejected more often than its `maxRounds`. */
  | { kind: 'exhausted'; agent: string; rejections: number; feedback: string };

/** A person sent the work back to the role of the step `target`. */
export interface SentBackTo extends Rejection {
  readonly target: number;
}

/**
 * Walks the finished steps in order and says what follows. A rejection goes back to the step's `onReject` agent,
 * and from there forward again, at most `maxRounds` times. A step that was interrupted, failed or asked something
 * is done again where it stood. Steps for the merge queue happen after the workflow and lead back to the merge.
 *
 * `history` holds the steps since the task was last reset, oldest first. `sentBack` is when persons sent the work
 * back, and to which step: `maxRounds` is counted anew from there.
 */
export function nextStep(
  workflow: Workflow,
  history: readonly StepRecord[],
  sentBack: readonly SentBackTo[] = [],
): NextStep {
  let index = 0;
  let kind: StepKind = 'work';
  let feedback: string | undefined;
  let continueSession = true;
  let round = 1;
  let passed: number | undefined;
  const rejections = new Map<number, number>();
  const returns = [...sentBack];
  const goBack = (before: number): void => {
    for (let next = returns[0]; next !== undefined && next.step < before; next = returns[0]) {
      returns.shift();
      rejections.clear();
      index = next.target;
      kind = 'fix';
      round += 1;
      feedback = next.feedback;
      continueSession = true;
      passed = undefined;
    }
  };

  for (const record of history) {
    goBack(record.step);
    passed = undefined;
    if (isAfterWorkflow(record.kind) && record.verdict === 'done') {
      index = workflow.steps.length;
      continue;
    }
    const step = workflow.steps[record.index];
    // The workflow was edited and is shorter now: what is behind the task no longer says where it stands.
    if (step === undefined) continue;
    continueSession = record.outcome !== 'context_limit';
    round = record.round;
    if (record.verdict === 'done') {
      passed = record.index;
      index = record.index + 1;
      kind = kindOf(workflow, index);
      feedback = undefined;
    } else if (record.verdict === 'rejected') {
      const count = (rejections.get(record.index) ?? 0) + 1;
      rejections.set(record.index, count);
      if (count > step.maxRounds) {
        return { kind: 'exhausted', agent: step.agent, rejections: count, feedback: record.summary ?? '' };
      }
      index = rejectTarget(workflow, record.index);
      kind = 'fix';
      round = record.round + 1;
      feedback = record.summary;
    } else {
      index = record.index;
      kind = againKind(record);
    }
  }

  goBack(Number.POSITIVE_INFINITY);
  const step = workflow.steps[index];
  if (step === undefined) return { kind: 'finished' };
  return {
    kind: 'step',
    index,
    agent: step.agent,
    round,
    stepKind: kind,
    feedback,
    verify: step.verify,
    continueSession,
    ...(passed === undefined ? {} : { passed }),
  };
}

/** The nearest earlier step of the `onReject` agent; the first step when the workflow names none. */
function rejectTarget(workflow: Workflow, from: number): number {
  const wanted = workflow.steps[from]?.onReject;
  for (let index = from - 1; index >= 0; index -= 1) {
    if (workflow.steps[index]?.agent === wanted) return index;
  }
  return 0;
}

function kindOf(workflow: Workflow, index: number): StepKind {
  const step = workflow.steps[index];
  if (step === undefined || index === 0) return 'work';
  if (step.verify) return 'test';
  return step.onReject === undefined ? 'work' : 'review';
}

function againKind(record: StepRecord): StepKind {
  if (isAfterWorkflow(record.kind)) return record.kind;
  if (record.verdict === 'questions') return 'answer';
  // A review or a fix is asked for again as a whole: its prompt carries what it is about.
  return record.kind === 'work' || record.kind === 'resume' ? 'resume' : record.kind;
}

/** Steps that the merge queue asked for: the workflow is over by then. */
export function isAfterWorkflow(kind: StepKind): boolean {
  return kind === 'conflict' || kind === 'repair';
}
