import type { TurnOutcome } from '../agents/outcome.ts';
import type { AgentEvent } from '../agents/ports.ts';
import { type AgentEnd, howEnded, type TurnEntry } from '../agents/turn.ts';
import type { Clock } from '../ports.ts';
import type { Journal } from './journal.ts';

const MOST_ENTRIES = 2_000;
const MOST_CHARS = 1_048_576;
const LONGEST_PROMPT = 262_144;
const LONGEST_ANSWER = 100_000;

/**
 * Keeps what was said in one turn: handed to the journal, it is written with the next commit and asks for none of its
 * own. Bounded; what is beyond is counted, and is in the log files.
 */
export class TurnHistory {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #step: number;
  /** The prompt is at 0. */
  #place = 1;
  #entries = 0;
  #chars = 0;
  #leftOut = 0;
  #afterText = false;

  constructor(options: { journal: Journal; clock: Clock; step: number; prompt: string }) {
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#step = options.step;
    const prompt = clip(options.prompt, LONGEST_PROMPT);
    this.#journal.record({
      step: this.#step,
      first: 0,
      entries: [],
      began: { at: this.#clock.now(), prompt },
    });
  }

  add(event: AgentEvent): void {
    if (event.type === 'process' || event.type === 'outcome') return;
    const chars = event.type === 'text' ? event.text.length : 0;
    const room = MOST_CHARS - this.#chars;
    if (this.#entries >= MOST_ENTRIES || room <= 0) {
      this.#leftOut += 1;
      return;
    }
    this.#keep(event.type === 'text' && chars > room ? { ...event, text: clip(event.text, room) } : event);
    this.#chars += chars;
  }

  /** The last entry, which is always kept. */
  end(outcome: TurnOutcome): void {
    const answer = clip(outcome.kind === 'success' ? outcome.text : outcome.reason, LONGEST_ANSWER);
    // The answer is kept once, in the turn itself.
    const kept: TurnOutcome =
      outcome.kind === 'success' ? { ...outcome, text: '' } : { ...outcome, reason: answer };
    this.#keep({ type: 'outcome', outcome: kept }, { how: howEnded(outcome), answer });
  }

  #keep(event: Exclude<AgentEvent, { type: 'process' }>, ended?: { how: AgentEnd; answer: string }): void {
    const at = this.#clock.now();
    const entry: TurnEntry = { at, ...event };
    this.#journal.record({
      step: this.#step,
      first: this.#place,
      entries: [entry],
      ...(ended === undefined ? {} : { ended: { at, leftOut: this.#leftOut, ...ended } }),
    });
    this.#place += 1;
    // Texts in a row are kept as one entry.
    if (event.type !== 'text' || !this.#afterText) this.#entries += 1;
    this.#afterText = event.type === 'text';
  }
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
}
