import type { LoggedEvent } from '../../core/events/event.ts';
import type { Counts } from '../../core/tasks/ports.ts';
import { eventJson, eventText, isDetail } from './event-text.ts';
import { timeOfDay } from './format.ts';
import { evolveProgress, NO_PROGRESS, progressLine, totals } from './run-progress.ts';
import type { Paint } from './style.ts';
import { cut } from './width.ts';

/** `terminal`: a line an event and a progress line below; `plain`: lines only; `json`: one JSON event a line. */
export type ReportMode = 'terminal' | 'plain' | 'json';

/** An agent's summary may be a page; a line of the report shows its beginning. */
const PLAIN_TEXT_COLUMNS = 400;

const CLEAR_LINE = '\r\u001b[2K';

/**
 * Tells a person or a program what happens during a run. Feed it every event in order with the counts after it;
 * `tick` redraws the elapsed time, `end` leaves the terminal clean.
 */
export class RunReporter {
  #progress = NO_PROGRESS;
  #counts: Counts | undefined;
  #drawn = false;
  readonly #options: {
    readonly mode: ReportMode;
    readonly verbose: boolean;
    readonly paint: Paint;
    readonly startedAt: number;
    readonly write: (text: string) => void;
    readonly columns: () => number;
  };

  constructor(options: {
    mode: ReportMode;
    /** Also shows what the agents print and other details. */
    verbose: boolean;
    paint: Paint;
    /** Epoch ms; the elapsed time counts from here. */
    startedAt: number;
    write: (text: string) => void;
    columns: () => number;
  }) {
    this.#options = options;
  }

  events(events: readonly LoggedEvent[], counts: Counts, now: number): void {
    this.#counts = counts;
    const { mode, verbose } = this.#options;
    let lines = '';
    for (const event of events) {
      this.#progress = evolveProgress(this.#progress, event);
      if (mode === 'json') lines += `${eventJson(event)}\n`;
      else if (verbose || !isDetail(event)) lines += this.#lines(event, counts);
    }
    if (lines === '' && mode !== 'terminal') return;
    this.#write(lines, now);
  }

  /** Redraws the progress line, for the time in it. Does nothing in the other modes. */
  tick(now: number): void {
    if (this.#options.mode === 'terminal') this.#write('', now);
  }

  end(): void {
    if (this.#drawn) this.#options.write(CLEAR_LINE);
    this.#drawn = false;
  }

  #lines(event: LoggedEvent, counts: Counts): string {
    const { mode, paint, startedAt } = this.#options;
    const time = timeOfDay(event.at);
    const { text, look } = eventText(event);
    if (mode === 'terminal') {
      const room = cut(text, Math.max(20, this.#options.columns() - time.length - 2));
      return `${paint('dim', time)} ${look === undefined ? room : paint(look, room)}\n`;
    }
    const shown = cut(text, PLAIN_TEXT_COLUMNS);
    const sums = totals(counts, event.at - startedAt);
    return `${time} ${look === undefined ? shown : paint(look, shown)} ${paint('dim', `[${sums}]`)}\n`;
  }

  #write(lines: string, now: number): void {
    const { mode, write, columns, paint, startedAt } = this.#options;
    if (mode !== 'terminal') {
      write(lines);
      return;
    }
    const before = this.#drawn ? CLEAR_LINE : '';
    const bottom =
      this.#counts === undefined
        ? ''
        : progressLine({
            progress: this.#progress,
            counts: this.#counts,
            elapsedMs: now - startedAt,
            now,
            // A full last column makes some terminals wrap, and then clearing the line leaves half of it.
            width: Math.max(10, columns() - 1),
            paint,
          });
    this.#drawn = bottom !== '';
    write(before + lines + bottom);
  }
}
