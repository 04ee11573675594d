import type { TerminalLook, TerminalSize } from '../../core/terminal/ports.ts';
import type { TerminalDevice } from './device.ts';
import { type Frame, Painter } from './painter.ts';

/**
 * Writes frames, one at a time. What comes while one is on its way replaces what waits, so that a slow terminal shows
 * fewer frames and never old ones, and nothing piles up.
 */
export class FrameWriter {
  readonly #device: TerminalDevice;
  readonly #painter: Painter;
  #wanted: Frame | undefined;
  #last: Frame | undefined;
  #writing: Promise<void> | undefined;
  #held = false;

  constructor(device: TerminalDevice, look: TerminalLook) {
    this.#device = device;
    this.#painter = new Painter(look);
  }

  show(frame: Frame): void {
    this.#wanted = frame;
    this.#start();
  }

  /** Writes nothing more; resolves when what is on its way has been taken, or the terminal is gone. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#writing;
  }

  /** Goes on, with everything painted anew. */
  resume(): void {
    this.#held = false;
    this.repaint();
  }

  repaint(): void {
    this.#painter.forget();
    this.#wanted ??= this.#last;
    this.#start();
  }

  #start(): void {
    if (this.#held || this.#wanted === undefined || this.#writing !== undefined) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      this.#start();
    });
  }

  async #write(): Promise<void> {
    while (this.#wanted !== undefined && !this.#held) {
      const frame = this.#wanted;
      this.#wanted = undefined;
      this.#last = frame;
      const size: TerminalSize = this.#device.size();
      const update = this.#painter.update(frame, size);
      if (update === '') continue;
      try {
        await this.#device.write(update);
      } catch {
        // Gone: who reads the input learns of it there.
        this.#held = true;
      }
    }
  }
}
