import type { Refusal, RefusedFailure } from './scenarios.ts';
import type { Step } from './steps.ts';

/** One entry of the history a request carries, reduced to what the script needs. */
export type Turn = { readonly kind: 'user'; readonly text: string } | { readonly kind: 'tool-result' };

/** A request for an answer, read from the body of any protocol. */
export interface Question {
  readonly model: string;
  readonly stream: boolean;
  /** Names of the offered tools; none in side requests such as the one for a session title. */
  readonly tools: readonly string[];
  readonly turns: readonly Turn[];
  /** What the model must do first, since the agent refused its last call; the step is then sent once more. */
  readonly detour?: Answer;
}

/** An answer before it is put on the wire: text, a call, or a text followed by a call. */
export interface Answer {
  readonly text?: string;
  readonly call?: {
    readonly name: string;
    readonly input: Readonly<Record<string, unknown>>;
    /** Where a protocol names the server of a tool beside it. */
    readonly namespace?: string;
  };
}

/** Makes an id that no other answer has, also across servers, since the agents keep ids in their sessions. */
export type NextId = (prefix: string) => string;

export interface RefusalOptions {
  readonly retryAfterS?: number;
  /** Epoch seconds at which a usage limit ends. */
  readonly usageResetsAt: number;
}

/** One wire protocol; pure, so that the server alone touches sockets. */
export interface Protocol {
  /** `path` is where it was posted, for protocols that name the model there. */
  read(body: unknown, path: string): Question;
  /** The answer that does what `step` says with the tools at hand. */
  answer(step: Step, tools: readonly string[]): Answer;
  /** The answer as one JSON body. */
  whole(answer: Answer, question: Question, nextId: NextId): unknown;
  /** The answer as server-sent events, each a complete frame. Their first half holds content but no end. */
  frames(answer: Answer, question: Question, nextId: NextId): string[];
  refusal(failure: RefusedFailure, options: RefusalOptions): Refusal;
}

/** What every answer is said to have cost, so that tests may assert sums. */
export const TOKENS = { input: 100, output: 20 } as const;

/** `text` in two pieces, since agents must join pieces and a stream can only be cut between two. */
export function pieces(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

/** `value` as one shell word. */
export function shellWord(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
