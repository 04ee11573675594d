import type { LogFile } from '../../../core/api/parts.ts';
import type { ReadingApi } from '../../../core/api/ports.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import type { Clock } from '../../../core/ports.ts';
import { Scrollback } from '../text/scrollback.ts';

/** How often outputs that grow are read, ms: all of them at once, so that one frame shows what they all said. */
const PACE_MS = 66;
/** Whoever has so much for one reading, in bytes, prints faster than it is read, and is read on at once, */
const MUCH_BYTES = 200_000;
/** so often at most. */
const MOST_READINGS = 4;
/** Outputs that are kept in memory; the one that was on screen the longest time ago goes first. */
const MOST_OUTPUTS = 32;
const LIMITS = { mostLines: 10_000, mostBytes: 1_048_576 };

/** The way to the log files of a project. */
export type LogsOf = Pick<ReadingApi, 'logs' | 'readLog' | 'readLogBefore'>;

/**
 * What the agents of the tasks on screen print, as they print it: the text of their log files, read on from where it
 * was read to. Only what is on screen is read, when an event says that there is more and a while after that.
 */
export class AgentOutputs {
  readonly #api: LogsOf;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** In the order in which they were last on screen. */
  readonly #outputs = new Map<string, AgentOutput>();
  #shown: ReadonlySet<string> = new Set();
  #isReading = false;

  /** `onChange`: something was printed. */
  constructor(api: LogsOf, { clock, onChange }: { clock: Clock; onChange: () => void }) {
    this.#api = api;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Undefined while nothing of the task was on screen yet. */
  of(task: string): Scrollback | undefined {
    return this.#outputs.get(task)?.scrollback;
  }

  /** Says which tasks are on screen from now on. Cheap when they are the same. */
  show(tasks: readonly string[]): void {
    const shown = new Set(tasks);
    for (const task of shown) {
      const known = this.#outputs.get(task);
      const output = known ?? new AgentOutput(this.#api, task);
      if (!this.#shown.has(task)) {
        this.#outputs.delete(task);
        this.#outputs.set(task, output);
        output.hasMoreFiles = true;
      }
    }
    const news = tasks.filter((task) => !this.#shown.has(task));
    this.#shown = shown;
    for (const task of this.#outputs.keys()) {
      if (this.#outputs.size <= MOST_OUTPUTS) break;
      if (!shown.has(task)) this.#outputs.delete(task);
    }
    for (const task of news) this.#wake(task);
  }

  /** What happened may mean that there is more to read. */
  tell(events: readonly LoggedEvent[]): void {
    const woken = new Set<string>();
    for (const event of events) {
      if (!('task' in event) || !this.#shown.has(event.task)) continue;
      const output = this.#outputs.get(event.task);
      // The file of a step is there from its first line on.
      if (output !== undefined && (event.type !== 'agent.output' || !output.knows(event))) {
        output.hasMoreFiles = true;
      }
      woken.add(event.task);
    }
    for (const task of woken) this.#wake(task);
  }

  /** Everything on screen is looked at anew, as after a cut. */
  wakeAll(): void {
    for (const task of this.#shown) {
      const output = this.#outputs.get(task);
      if (output !== undefined) output.hasMoreFiles = true;
      this.#wake(task);
    }
  }

  /** Reads a piece from before what is known, if there is one and the memory for it. Resolves to whether it did. */
  async older(task: string): Promise<boolean> {
    const found = (await this.#outputs.get(task)?.older()) === true;
    if (found) this.#onChange();
    return found;
  }

  #wake(task: string): void {
    const output = this.#outputs.get(task);
    if (output === undefined) return;
    output.isStale = true;
    if (!this.#isReading) void this.#readOn();
  }

  /** Reads until there is no more, and once again a moment later: who has printed prints on. */
  async #readOn(): Promise<void> {
    this.#isReading = true;
    for (let stale = this.#stale(); stale.length > 0; stale = this.#stale()) {
      const news = await Promise.all(stale.map((output) => readNews(output)));
      if (!news.includes(true)) continue;
      this.#onChange();
      await this.#clock.sleep(PACE_MS);
    }
    this.#isReading = false;
  }

  #stale(): readonly AgentOutput[] {
    return [...this.#shown].flatMap((task) => {
      const output = this.#outputs.get(task);
      return output?.isStale === true ? [output] : [];
    });
  }
}

/** Whether there was something new. */
async function readNews(output: AgentOutput): Promise<boolean> {
  output.isStale = false;
  let isNew = false;
  try {
    for (let readings = 0; readings < MOST_READINGS; readings += 1) {
      const bytes = await output.read();
      isNew ||= bytes > 0;
      if (bytes < MUCH_BYTES) break;
    }
    output.isStale ||= isNew;
  } catch {
    // The next event, or the end of the cut, wakes it again.
  }
  return isNew;
}

/** A place in the log files of a task: a file by its index, and a byte of it. */
interface LogPlace {
  readonly index: number;
  readonly at: number;
}

/** The output of one task: the log files of its latest attempt and of those that follow, from `top` to `end`. */
class AgentOutput {
  readonly scrollback = new Scrollback(LIMITS);
  /** There may be more to read. */
  isStale = true;
  /** There may be files that are not known. */
  hasMoreFiles = true;
  readonly #api: LogsOf;
  readonly #task: string;
  #files: readonly LogFile[] = [];
  #top: LogPlace = { index: 0, at: 0 };
  #end: LogPlace = { index: 0, at: 0 };
  #isOver = false;

  constructor(api: LogsOf, task: string) {
    this.#api = api;
    this.#task = task;
  }

  /** Is the file of the step known? */
  knows({ attempt, step }: { readonly attempt: number; readonly step: number }): boolean {
    return this.#files.some((file) => file.attempt === attempt && file.step === step);
  }

  /** Reads the next piece, and resolves to its bytes; 0: there is nothing more now. */
  async read(): Promise<number> {
    if (this.hasMoreFiles) {
      const bytes = await this.#list();
      if (bytes > 0) return bytes;
    }
    for (;;) {
      const { index, at } = this.#end;
      const file = this.#files[index];
      if (file === undefined) return 0;
      const isLast = index === this.#files.length - 1;
      const isOver = this.#isOver || !isLast;
      const { lines, next } = await this.#api.readLog({ ...this.#named(file), from: at, isOver });
      if (lines.length > 0) {
        const head = at === 0 ? [heading(file)] : [];
        this.#end = { index, at: next };
        this.#write([...head, ...lines]);
        return next - at;
      }
      if (isLast) return 0;
      this.#end = { index: index + 1, at: 0 };
    }
  }

  /** Reads a piece from before what is known; false when there is none, or no room for it. */
  async older(): Promise<boolean> {
    const { index, at } = this.#top;
    const [file, before] = [this.#files[index], this.#files[index - 1]];
    if (file === undefined) return false;
    if (at === 0) {
      if (before === undefined) return false;
      this.#top = { index: index - 1, at: before.bytes };
      return await this.older();
    }
    const { lines, first } = await this.#api.readLogBefore({ ...this.#named(file), before: at });
    // A file that holds no whole line.
    const from = lines.length === 0 ? 0 : first;
    if (!this.scrollback.prepend([...(from === 0 ? [heading(file)] : []), ...lines])) return false;
    this.#top = { index, at: from };
    return true;
  }

  /** Learns of new files; the first time it reads the end of the last one, and resolves to its bytes. */
  async #list(): Promise<number> {
    const isFirst = this.#files.length === 0;
    const { files, isOver } = await this.#api.logs({ task: this.#task });
    this.hasMoreFiles = false;
    this.#isOver = isOver;
    const known = new Map(this.#files.map((file) => [file.name, file]));
    this.#files = [...this.#files, ...files.filter(({ name }) => !known.has(name))];
    const last = this.#files.at(-1);
    if (!isFirst || last === undefined) return 0;
    const index = this.#files.length - 1;
    const { lines, first, next } = await this.#api.readLogBefore({
      ...this.#named(last),
      before: last.bytes,
    });
    this.#top = { index, at: lines.length === 0 ? 0 : first };
    this.#end = { index, at: lines.length === 0 ? 0 : next };
    if (lines.length === 0) return 0;
    this.#write(first === 0 ? [heading(last), ...lines] : lines);
    return next - first;
  }

  #named({ name }: LogFile): { task: string; name: string } {
    return { task: this.#task, name };
  }

  #write(lines: readonly string[]): void {
    this.scrollback.write(lines.map((line) => `${line}\n`).join(''));
  }
}

/** Stands above what an agent printed in one step. */
function heading({ attempt, step }: LogFile): string {
  return `\u001b[2m── attempt ${attempt}, step ${step} ──\u001b[22m`;
}
