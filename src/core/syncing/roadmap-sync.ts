import { Wakeup } from '../dispatch/wakeup.ts';
import { messageOf } from '../errors.ts';
import type { Clock } from '../ports.ts';
import {
  type Following,
  type FollowSettings,
  glanced,
  glanceEveryMs,
  isDue,
  lookedAt,
  nextStep,
  strongest,
} from './following.ts';
import { CONFIRMED_KEY, type Look, type LookParts, lookAtRoadmap } from './look.ts';
import type { FileWatcher, SyncReason } from './ports.ts';
import { whenStill } from './when-still.ts';

export interface RoadmapSyncParts extends LookParts {
  readonly watcher: FileWatcher;
  readonly clock: Clock;
  readonly settings: FollowSettings & { readonly onRemoved: 'drain' | 'cancel' };
  /** Id of the orchestrator that follows, for the log. */
  readonly orchestrator: string;
  /** How many more agents could be started at once. */
  readonly idleAgents?: () => number;
  /** Every look, with all reasons that led to it. */
  readonly onLook?: (look: Look, reasons: ReadonlySet<SyncReason>) => void;
  /** Something worth a line that is no event. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Keeps the plan in the store equal to the roadmap file while an orchestrator runs. At most one look at a time: what
 * asks for another one meanwhile gets exactly one more. Any number of them may follow copies of one roadmap in one
 * store.
 */
export class RoadmapSync implements AsyncDisposable {
  readonly #parts: RoadmapSyncParts;
  readonly #wakeup: Wakeup;
  readonly #stopped = new AbortController();
  readonly #endings: (() => void)[] = [];
  #state: Following;
  #current: Promise<Look | undefined> = Promise.resolve(undefined);
  #next: Promise<Look | undefined> | undefined;
  /** Why the next look is taken. */
  #reasons = new Set<SyncReason>();
  /** Why the file is to be glanced at, besides the time. */
  #noticed: SyncReason | undefined;
  /** Hash of a file that waits to be confirmed. */
  #held: string | undefined;
  #lastNotice = '';
  #loop: Promise<void> | undefined;

  constructor(parts: RoadmapSyncParts) {
    this.#parts = parts;
    this.#wakeup = new Wakeup(parts.clock);
    const glanceAt = parts.clock.steady() + glanceEveryMs(parts.settings);
    this.#state = { looked: undefined, stamp: undefined, editedAt: undefined, glanceAt, isBehind: false };
  }

  /** Takes the first look, then follows the file as the settings say until `stop`. */
  async start(): Promise<Look | undefined> {
    const { source, store, watcher, orchestrator } = this.#parts;
    const mode = this.#mode;
    if (mode !== 'off') {
      // Before the first look, so that what is edited meanwhile is noticed.
      if (mode === 'watch') this.#endings.push(watcher.watch(() => this.#notice('edit')));
      this.#endings.push(store.onChange(() => void this.#lookWhenConfirmed()));
      await store.log([{ type: 'roadmap.followed', path: source.path, orchestrator, mode }]);
    }
    const first = await whenStill(this.#still, () => this.look('start'));
    if (mode !== 'off') this.#loop = this.#follow();
    return first;
  }

  /** Reads the file now. Undefined when it is stopped, or when the look failed; then another one follows by itself. */
  look(reason?: SyncReason): Promise<Look | undefined> {
    if (reason !== undefined) this.#reasons.add(reason);
    this.#next ??= this.#current.then(() => {
      this.#current = this.#next ?? this.#current;
      this.#next = undefined;
      return this.#look();
    });
    return this.#next;
  }

  /** A task was finished: whoever did it may have edited the file. */
  taskDone(): void {
    if (this.#mode !== 'off') this.#notice('task-done');
  }

  /**
   * Takes an edit that still waits for its time, as soon as nobody writes the file. Without one it costs a glance.
   * For who is about to say what is next, or that nothing is.
   */
  async ensureFresh(reason: SyncReason): Promise<void> {
    if (this.#mode === 'off' || this.#stopped.signal.aborted) return;
    await this.#current;
    if ((await this.#parts.source.stamp()) === this.#state.looked) return;
    await whenStill(this.#still, () => this.look(reason));
  }

  /** Ends the watcher and the timers, and waits for a look that is under way. None follows. */
  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    for (const end of this.#endings) end();
    this.#wakeup.wake();
    await this.#loop;
    await (this.#next ?? this.#current);
    this.#wakeup.close();
    const { source, store, orchestrator } = this.#parts;
    if (this.#mode !== 'off') {
      await store.log([{ type: 'roadmap.unfollowed', path: source.path, orchestrator }]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #mode(): FollowSettings['sync'] {
    return this.#parts.settings.sync;
  }

  get #still() {
    const { source, clock } = this.#parts;
    return { source, clock, signal: this.#stopped.signal };
  }

  #notice(reason: SyncReason): void {
    this.#noticed ??= reason;
    this.#wakeup.wake();
  }

  async #follow(): Promise<void> {
    const { clock, settings } = this.#parts;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const ticket = this.#wakeup.ticket();
      await this.#glance();
      const step = nextStep(this.#state, clock.steady(), settings);
      if (step.kind === 'glance') await this.#wakeup.wait(ticket, step.inMs);
      else await this.look();
    }
  }

  /** Compares the file's stamp, when somebody noticed something, an edit settles, or it is time. */
  async #glance(): Promise<void> {
    const { source, clock, settings } = this.#parts;
    const noticed = this.#noticed;
    const isTime = isDue(this.#state, clock.steady());
    if (noticed === undefined && !isTime && this.#state.editedAt === undefined) return;
    this.#noticed = undefined;
    const stamp = await source.stamp();
    const { editedAt } = this.#state;
    this.#state = glanced(this.#state, { stamp, now: clock.steady() }, settings);
    if (editedAt !== undefined || this.#state.editedAt === undefined) return;
    this.#reasons.add(noticed ?? (this.#mode === 'poll' ? 'poll' : 'safety'));
  }

  async #look(): Promise<Look | undefined> {
    const { clock, settings, idleAgents, onLook } = this.#parts;
    if (this.#stopped.signal.aborted) return undefined;
    const reasons = this.#reasons;
    this.#reasons = new Set();
    try {
      const look = await lookAtRoadmap(this.#parts, {
        reason: strongest(reasons),
        onRemoved: settings.onRemoved,
        tells: true,
        ...(idleAgents === undefined || reasons.has('start') ? {} : { idleAgents: idleAgents() }),
      });
      this.#held = look.kind === 'held' ? look.hash : undefined;
      this.#state = evolve(this.#state, look, clock.steady());
      onLook?.(look, reasons);
      if (look.kind === 'outdated') this.#say(OUTDATED(this.#parts.source.path));
      // Somebody may have confirmed it between the look and here.
      if (look.kind === 'held') void this.#lookWhenConfirmed();
      return look;
    } catch (error) {
      this.#state = { ...this.#state, isBehind: true };
      this.#say(
        `The plan could not be brought up to ${this.#parts.source.path}: ${messageOf(error)}. It is tried again.`,
      );
      return undefined;
    }
  }

  async #lookWhenConfirmed(): Promise<void> {
    const held = this.#held;
    if (held === undefined || this.#stopped.signal.aborted) return;
    const confirmed = await this.#parts.store.getMeta(CONFIRMED_KEY).catch(() => undefined);
    if (confirmed === held && this.#held === held) await this.look('confirm');
  }

  /** The same thing is said once. */
  #say(message: string): void {
    if (message === this.#lastNotice) return;
    this.#lastNotice = message;
    this.#parts.onNotice?.(message);
  }
}

const OUTDATED = (path: string): string =>
  `${path} is an older version than the plan, which was read in another checkout. Nothing was changed; bring it up to date, or take it as it is: cw roadmap sync`;

function evolve(state: Following, look: Look, now: number): Following {
  if (look.kind === 'moving') return { ...state, editedAt: now };
  const isBehind =
    look.kind === 'rejected' ||
    look.kind === 'unreadable' ||
    look.kind === 'held' ||
    (look.kind === 'synced' && !look.settled);
  return lookedAt(state, { stamp: look.stamp, isBehind, now });
}
