import * as z from 'zod';
import type { ApprovalSubject } from '../review/approval-subject.ts';

/** What an agent needs answered. `options` is what it offers to choose from. */
export const question = z.object({
  id: z.string().min(1).max(64),
  question: z.string().min(1).max(20_000),
  options: z.array(z.string().max(2_000)).max(20).optional(),
});
export type Question = z.infer<typeof question> & {
  /** `approval`: a person is asked to let the work go on. Absent: a question of an agent. */
  readonly kind?: QuestionKind;
  /** What an approval is about. */
  readonly approves?: ApprovalSubject;
};
export type QuestionKind = 'approval';

/** The structured result that ends a step; `resultSchema` is the same as JSON Schema for the CLIs. */
export const agentResult = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('done'),
    summary: z.string().max(100_000).default(''),
    /** What a planning task comes to, as it was said. */
    plan: z.unknown().optional(),
    /** What the orchestrator's agent says to questions, as it was said. */
    answers: z.unknown().optional(),
  }),
  z.object({ status: z.literal('questions'), questions: z.array(question).min(1).max(20) }),
  z.object({ status: z.literal('rejected'), feedback: z.string().min(1).max(100_000) }),
  z.object({
    status: z.literal('error'),
    reason: z.string().min(1).max(20_000),
    /** There was a result, in another form than it should have. */
    malformed: z.literal(true).optional(),
  }),
]);
export type AgentResult = z.infer<typeof agentResult>;

/**
 * How one turn of a conversation ended, by what must happen next. An exit code alone is never the verdict.
 * `reason` is one line for people.
 */
export type TurnOutcome =
  /** The CLI finished its turn. `result` is absent when it printed no structured result. */
  | { kind: 'success'; text: string; result?: AgentResult }
  /** Worth trying again in the same session, after a delay. */
  /** `recognised` is false for a failure that nothing but its text describes, and the text is not known. */
  | { kind: 'transient'; reason: string; recognised?: false }
  /** The provider refuses until a time (epoch ms), or for an unknown while. */
  | { kind: 'rate_limited'; reason: string; until?: number }
  /** The credential is missing or refused: a person must act. */
  | { kind: 'auth'; reason: string }
  /** Trying again cannot help: a billing stop, a refused request, a missing program, a bad flag. */
  | { kind: 'permanent'; reason: string; cause: 'billing' | 'request' | 'config' | 'missing_cli' }
  /** The conversation no longer fits, or the CLI does not know it any more: go on in a new session with a summary. */
  | { kind: 'context_limit'; reason: string }
  /** A turn or money limit was reached. */
  | { kind: 'budget'; reason: string }
  /** A watchdog of ours stopped it; `limit` names the setting. */
  | { kind: 'stalled'; reason: string; limit: string }
  /** It was stopped by us, or by a signal from elsewhere. Never counts as a failure of the agent when `byUs`. */
  | { kind: 'killed'; reason: string; byUs: boolean };

export type OutcomeKind = TurnOutcome['kind'];
