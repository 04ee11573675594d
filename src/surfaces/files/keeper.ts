import { Wakeup } from '../../core/dispatch/wakeup.ts';
import { messageOf } from '../../core/errors.ts';
import type { KeeperParts, Records } from './parts.ts';
import { PageRound } from './round.ts';

/** The files are looked at so often in any case. */
const SAFETY_MS = 60_000;
/** Between two looks, so that a hundred facts at once are one look. */
const LEAST_PAUSE_MS = 50;
/** Looking takes this share of the time, as long as nobody waits for it for longer than a second. */
const SHARE = 0.1;
const MOST_PAUSE_MS = 1_000;
/** Somebody who saves all the time is not waited for. */
const MOST_LOOKS = 100;
/** After something that cannot be helped here, such as a full disk. */
const AGAIN_MS = 5_000;

/**
 * Keeps the files of a checkout and what they show in step: what a person saves is carried out, and what happens is
 * written. There is one for each checkout, who holds its ledger.
 */
export class FilesKeeper implements AsyncDisposable {
  readonly #parts: KeeperParts;
  readonly #round: PageRound;
  readonly #wakeup: Wakeup;
  readonly #stopped = new AbortController();
  readonly #endings: (() => void)[] = [];
  #records: Records | undefined;
  #loop: Promise<void> | undefined;
  #lastNotice = '';

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#round = new PageRound(parts);
    this.#wakeup = new Wakeup(parts.clock);
  }

  /** Keeps them until it is disposed of. */
  async start(): Promise<void> {
    const { watcher, onChange, log, directory } = this.#parts;
    await log([{ type: 'files.followed', directory }]);
    // Before the first look, so that what happens meanwhile is noticed.
    this.#endings.push(watcher.watch(() => this.#wakeup.wake()));
    this.#endings.push(
      onChange(() => {
        this.#records = undefined;
        this.#wakeup.wake();
      }),
    );
    this.#loop = this.#keep();
  }

  /** Brings both sides in step once: also what a person is just saving is waited for. */
  async once(): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      this.#records = undefined;
      const restsMs = await this.#look();
      if (restsMs === undefined) return;
      await this.#parts.clock.sleep(restsMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    for (const end of this.#endings) end();
    this.#wakeup.wake();
    await this.#loop;
    this.#wakeup.close();
    if (this.#loop === undefined) return;
    // The last facts of a run are to be seen, too.
    await this.once().catch((error: unknown) => this.#say(messageOf(error)));
    await this.#parts.log([{ type: 'files.unfollowed', directory: this.#parts.directory }]);
  }

  async #keep(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const ticket = this.#wakeup.ticket();
      const from = clock.steady();
      const restsMs = await this.#tryLook();
      const tookMs = clock.steady() - from;
      // A person whose save is on its way is not made to wait.
      const pauseMs = restsMs === undefined ? Math.min(MOST_PAUSE_MS, tookMs / SHARE - tookMs) : 0;
      await clock.sleep(Math.max(LEAST_PAUSE_MS, pauseMs), signal);
      await this.#wakeup.wait(ticket, restsMs ?? SAFETY_MS);
    }
  }

  async #tryLook(): Promise<number | undefined> {
    try {
      const restsMs = await this.#look();
      this.#lastNotice = '';
      return restsMs;
    } catch (error) {
      this.#records = undefined;
      this.#say(
        `The files of ${this.#parts.directory} could not be kept in step: ${messageOf(error)}. It is tried again.`,
      );
      return AGAIN_MS;
    }
  }

  /** Returns after how many ms there is more to do; undefined: nothing until something changes. */
  async #look(): Promise<number | undefined> {
    this.#records ??= await this.#parts.load();
    const { hasActed, restsMs } = await this.#round.run(this.#records);
    if (!hasActed) return restsMs;
    this.#records = undefined;
    return 0;
  }

  /** The same thing is said once. */
  #say(message: string): void {
    if (message === this.#lastNotice) return;
    this.#lastNotice = message;
    this.#parts.onNotice(message);
  }
}
