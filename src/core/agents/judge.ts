import type { Question, TurnOutcome } from './outcome.ts';
import type { AgentSpec } from './ports.ts';

/** What a finished turn means for its step. `summary` of a rejection is the feedback, of an error its reason. */
export type StepVerdict =
  | { verdict: 'done'; summary: string }
  | { verdict: 'rejected'; summary: string }
  | { verdict: 'questions'; questions: readonly Question[] }
  | { verdict: 'error'; summary: string };

/** A text that stands for a summary is cut to this many characters. */
const SUMMARY_LENGTH = 4_000;

/**
 * Judges a turn by its structured result. Without one, work in the worktree speaks for an agent that makes things;
 * an agent that judges has then given no verdict, and silence is never an approval.
 */
export function judgeTurn(turn: {
  outcome: TurnOutcome;
  agent: Pick<AgentSpec, 'role' | 'verdict'>;
  worktreeChanged: boolean;
}): StepVerdict {
  const { outcome, agent, worktreeChanged } = turn;
  if (outcome.kind !== 'success') return { verdict: 'error', summary: outcome.reason };
  const { result } = outcome;
  switch (result?.status) {
    case 'done':
      return { verdict: 'done', summary: result.summary === '' ? summaryOf(outcome.text) : result.summary };
    case 'questions':
      return { verdict: 'questions', questions: result.questions };
    case 'rejected':
      if (agent.verdict) return { verdict: 'rejected', summary: result.feedback };
      return error(`${agent.role} answered "rejected", but it does not review: ${result.feedback}`);
    case 'error':
      return error(result.reason);
    case undefined:
      if (agent.verdict) return error(`${agent.role} gave no verdict: its answer holds no structured result`);
      if (worktreeChanged) return { verdict: 'done', summary: summaryOf(outcome.text) };
      return error(`${agent.role} did no work: it changed no file and reported no result`);
  }
}

function error(summary: string): StepVerdict {
  return { verdict: 'error', summary };
}

function summaryOf(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > SUMMARY_LENGTH ? `${trimmed.slice(0, SUMMARY_LENGTH)}…` : trimmed;
}
