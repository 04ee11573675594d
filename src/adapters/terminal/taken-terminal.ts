import type { Clock } from '../../core/ports.ts';
import type {
  ColourDepth,
  Terminal,
  TerminalInput,
  TerminalLook,
  TerminalPlace,
  TerminalSize,
} from '../../core/terminal/ports.ts';
import type { TerminalDevice } from './device.ts';
import { FrameWriter } from './frame-writer.ts';
import type { DecodedInput } from './input-decoder.ts';
import { InputQueue } from './input-queue.ts';
import { InputReader } from './input-reader.ts';
import type { Job } from './job.ts';
import { background, canAskBackground, drawsUnicode, type Environment } from './look.ts';
import { ASK_BACKGROUND, GIVE_BACK, TAKE } from './modes.ts';

const ANSWER_MS = 200;

interface Parts {
  readonly device: TerminalDevice;
  readonly job: Job;
  readonly clock: Clock;
  readonly env: Environment;
  readonly colours: ColourDepth;
  /** Sees to it that the terminal is given back when the process ends without having said so. */
  readonly atTheEnd: (giveBack: () => void) => Disposable;
}

type Answer = Extract<DecodedInput, { kind: 'background' }>;

/** A terminal in raw mode on its alternate screen, until it is disposed. */
export class TakenTerminal implements Terminal {
  readonly look: TerminalLook;
  readonly #parts: Parts;
  readonly #queue: InputQueue;
  readonly #frames: FrameWriter;
  readonly #owned = new DisposableStack();
  #reader: InputReader | undefined;
  #isTaken = true;
  #busy = Promise.resolve();

  /** Takes the terminal, and asks it once for its background; what is typed meanwhile is kept. */
  static async take(parts: Parts): Promise<TakenTerminal> {
    const { device, clock, env, colours } = parts;
    const queue = new InputQueue();
    let answer: Answer | undefined;
    const answered = new AbortController();
    device.setRaw(true);
    const reader = new InputReader({
      device,
      clock,
      onInput: (input) => {
        if (input.kind === 'background') answer = input;
        else if (input.kind === 'attributes') answered.abort();
        else queue.push(input);
      },
      onGone: () => queue.close(),
    });
    // From here on an end of the process finds somebody who gives the terminal back.
    const early = parts.atTheEnd(() => {
      if (!answered.signal.aborted) giveBackNow(device);
      answered.abort();
    });
    try {
      await device.write(TAKE + (canAskBackground(env, colours) ? ASK_BACKGROUND : '')).catch(() => {});
      if (canAskBackground(env, colours)) await clock.sleep(ANSWER_MS, answered.signal);
    } finally {
      reader.stop();
      early[Symbol.dispose]();
    }
    const look = { colours, background: background(env, answer), unicode: drawsUnicode(env) };
    return new TakenTerminal(parts, queue, look);
  }

  private constructor(parts: Parts, queue: InputQueue, look: TerminalLook) {
    this.#parts = parts;
    this.#queue = queue;
    this.look = look;
    this.#frames = new FrameWriter(parts.device, look);
    const resizing = parts.device.onResize(() => this.#resized());
    this.#owned.defer(() => resizing.stop());
    this.#owned.use(
      parts.atTheEnd(() => {
        // Once: leaving the alternate screen again would put the cursor back over what was said since.
        if (this.#isTaken) giveBackNow(parts.device);
        this.#isTaken = false;
      }),
    );
    this.#owned.use(
      parts.job.watch({ onStop: () => void this.suspend(), onContinue: () => void this.#continued() }),
    );
    this.#read();
  }

  get size(): TerminalSize {
    return this.#parts.device.size();
  }

  inputs(signal: AbortSignal): AsyncIterable<TerminalInput> {
    return this.#queue.take(signal);
  }

  paint(rows: readonly string[], cursor?: TerminalPlace): void {
    this.#frames.show({ rows, cursor });
  }

  lend<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(async () => {
      await this.#giveBack();
      try {
        return await work();
      } finally {
        await this.#takeAgain();
      }
    });
    this.#busy = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  suspend(): Promise<void> {
    return this.lend(() => this.#parts.job.stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy;
    this.#owned.dispose();
    await this.#giveBack();
    this.#queue.close();
  }

  #read(): void {
    this.#reader = new InputReader({
      device: this.#parts.device,
      clock: this.#parts.clock,
      onInput: (input) => {
        // Answers that come late are no input.
        if (input.kind !== 'background' && input.kind !== 'attributes') this.#queue.push(input);
      },
      onGone: () => this.#queue.close(),
    });
  }

  #resized(): void {
    this.#queue.push({ kind: 'resize', ...this.size });
  }

  /** Stopped by a signal that cannot be taken, and continued: whoever had the terminal meanwhile left it as it liked. */
  async #continued(): Promise<void> {
    if (!this.#isTaken) return;
    await this.#frames.hold();
    this.#parts.device.setRaw(true);
    await this.#parts.device.write(TAKE).catch(() => {});
    this.#frames.resume();
  }

  async #giveBack(): Promise<void> {
    if (!this.#isTaken) return;
    await this.#frames.hold();
    this.#reader?.stop();
    this.#isTaken = false;
    await this.#parts.device.write(GIVE_BACK).catch(() => {});
    this.#parts.device.setRaw(false);
  }

  async #takeAgain(): Promise<void> {
    this.#parts.device.setRaw(true);
    this.#isTaken = true;
    await this.#parts.device.write(TAKE).catch(() => {});
    this.#read();
    this.#frames.resume();
    // It may have another size by now.
    this.#resized();
  }
}

function giveBackNow(device: TerminalDevice): void {
  device.writeNow(GIVE_BACK);
  try {
    device.setRaw(false);
  } catch {
    // The terminal is gone.
  }
}
