import type { LoggedEvent } from '../events/event.ts';

/** Why somebody outside is told of an event. */
export type NoticeKind = 'question' | 'approval' | 'failure' | 'finish' | 'event';

/** What somebody outside is told. */
export interface Notice {
  /** The same at every try, so that whoever gets it twice can tell. */
  readonly id: string;
  readonly kind: NoticeKind;
  /** One line for people each. */
  readonly title: string;
  readonly text: string;
  readonly project: string;
  readonly event: LoggedEvent;
}

export type Delivery =
  | { kind: 'delivered' }
  /** Worth another try; `afterMs`: when the other side wants it. */
  | { kind: 'again'; reason: string; afterMs?: number }
  | { kind: 'refused'; reason: string };

/** Somebody outside, such as a webhook or the desktop of this machine. */
export interface NoticeTarget {
  /** For people, and without secrets: `webhook https://hooks.example.com`. */
  readonly name: string;
  /** What it has been told is kept under this, so it stays the same from run to run. */
  readonly key: string;
  /** Types and beginnings of types; absent: questions, approvals, failures and the finish. */
  readonly events: readonly string[] | undefined;
  /** One try. Never throws, and ends by itself within seconds; at once when `signal` aborts. */
  deliver(notice: Notice, signal?: AbortSignal): Promise<Delivery>;
}
