import { z } from 'zod';

/** What a failing request meets; the wording and the headers are those of the protocol that asked. */
const FAILURES = [
  '401', // refused credential
  '403', // no permission
  '404', // unknown model
  '429', // rate limit; "429-after-20" adds retry-after: 20 seconds
  '500',
  '503',
  '529', // overloaded
  'usage', // the subscription's usage limit, with the time it ends
  'quota', // 429, the account's quota is spent
  'billing', // 400, no credit
  'context', // 400, the prompt is too long
  'cut', // the stream ends in the middle; requests without a stream are answered
  'stall', // the stream stops in the middle and stays open until the server is disposed
  'reset', // the connection is reset before an answer
  'hang', // no answer until the server is disposed
] as const;
type Failure = (typeof FAILURES)[number];

/** A failure, and how many requests it befalls before they are answered: `529_x2`, or `529` for all of them. */
export type Scenario = `${Failure | `429-after-${number}`}${'' | `_x${number}`}`;

const PATTERN = new RegExp(`^(?:(${FAILURES.join('|')})|429-after-(\\d+))(?:_x(\\d+))?$`);

export const scenario = z.custom<Scenario>((value) => typeof value === 'string' && PATTERN.test(value), {
  error: ({ input }) =>
    `Unknown scenario ${JSON.stringify(input)}; known: ${FAILURES.join(', ')}, each also with _x<n>`,
});

export interface ParsedScenario {
  readonly failure: Failure;
  /** Seconds, for `429-after-<seconds>`. */
  readonly retryAfterS?: number;
  /** How many requests fail; infinite without `_x<n>`. */
  readonly times: number;
}

export function parseScenario(name: Scenario): ParsedScenario {
  const [, failure, after, times] = PATTERN.exec(name) ?? [];
  return {
    failure: (failure ?? '429') as Failure,
    ...(after === undefined ? {} : { retryAfterS: Number(after) }),
    times: times === undefined ? Number.POSITIVE_INFINITY : Number(times),
  };
}

/** A refusal as one protocol words it. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The failures that are an answer with an error status; the others happen to the connection. */
export type RefusedFailure = Exclude<Failure, 'cut' | 'stall' | 'reset' | 'hang'>;
