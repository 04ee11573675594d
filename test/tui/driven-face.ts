import assert from 'node:assert/strict';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { TAKE } from '../../src/adapters/terminal/modes.ts';
import { Painter } from '../../src/adapters/terminal/painter.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Terminal, TerminalInput, TerminalLook } from '../../src/core/terminal/ports.ts';
import type { App } from '../../src/surfaces/tui/app.ts';
import { shownTasks } from '../../src/surfaces/tui/focus.ts';
import { runFace } from '../../src/surfaces/tui/loop.ts';
import { load } from '../../src/surfaces/tui/project/view.ts';
import { ProjectWatch } from '../../src/surfaces/tui/project/watch.ts';
import { render } from '../../src/surfaces/tui/render.ts';
import { createTheme } from '../../src/surfaces/tui/theme.ts';
import { initialUi, type Size } from '../../src/surfaces/tui/ui.ts';
import { Screen } from '../support/screen.ts';

const LOOK: TerminalLook = { colours: 'true', background: 'dark', unicode: true };
/** Nothing that was waited for comes any more. */
const GIVE_UP_MS = 20_000;

/** So much faster than time passes, what is looked at now and then is looked at. */
const HASTE = 20;

/** A frame as it was painted: what it shows, and the app that it shows. */
interface Painted {
  readonly app: App;
  readonly number: number;
}

/**
 * Time in which nobody waits long, for what follows a project: pauses are over at once, long ones soon, and the
 * time of day stands still.
 */
function impatient(now: () => number): Clock {
  return {
    now,
    steady: () => performance.now() * HASTE,
    sleep: (ms, signal) => systemClock.sleep(ms >= 1_000 ? 25 : 1, signal),
  };
}

/** The whole face on a terminal without a window. Keys are given to it, and what it draws can be read. */
export class DrivenFace implements AsyncDisposable {
  readonly screen: Screen;
  readonly #painter = new Painter(LOOK);
  readonly #stop = new AbortController();
  readonly #watch: ProjectWatch;
  #size: Size;
  readonly #now = Date.now();
  #typed: TerminalInput[] = [];
  #hasInput = Promise.withResolvers<void>();
  #painted: Painted | undefined;
  #hasPainted = Promise.withResolvers<void>();
  #written: Promise<void>;
  #running: Promise<void> = Promise.resolve();

  private constructor(watch: (clock: Clock, onOutput: () => void) => ProjectWatch, size: Size) {
    this.#size = size;
    this.screen = new Screen(size.width, size.height);
    this.#written = this.screen.write(TAKE);
    this.#watch = watch(
      impatient(() => this.#now),
      () => this.#onOutput(),
    );
  }

  /** Opens the face on a project and waits for its first frame. */
  static async open(api: ProjectApi, size: Size): Promise<DrivenFace> {
    const face = new DrivenFace((clock, onOutput) => new ProjectWatch(api, { clock, onOutput }), size);
    await face.#start(api);
    return face;
  }

  #onOutput: () => void = () => {};

  async #start(api: ProjectApi): Promise<void> {
    const views = this.#watch.views(this.#stop.signal);
    const first = await views.next();
    assert.ok(first.done !== true);
    const clock = impatient(() => this.#now);
    const ui = initialUi(this.#size, this.#now, { kind: 'none' });
    this.#running = runFace(
      { view: first.value, ui, dialog: undefined, outputs: this.#watch.outputs },
      {
        terminal: this.#terminal(),
        api,
        clock: { ...clock, sleep: (ms, signal) => (ms === 1_000 ? ended(signal) : clock.sleep(ms, signal)) },
        painted: (app) => this.#onPainted(app),
        older: (task) => this.#watch.outputs.older(task),
        textFromEditor: async (text) => text,
        runCommand: async () => ({ code: 0, text: '' }),
        interrupt: () => {},
        shellIn: async () => {},
        pathsIn: async () => [],
        feed: async ({ put }) => {
          this.#onOutput = () => put({ kind: 'output' });
          for await (const view of views) put({ kind: 'view', view });
        },
      },
      this.#stop.signal,
    );
    await this.until(() => true);
  }

  #terminal(): Terminal {
    const face = this;
    return {
      get size() {
        return face.#size;
      },
      look: LOOK,
      inputs: (signal) => this.#inputs(signal),
      paint: (rows, cursor) => {
        this.#written = this.screen.write(this.#painter.update({ rows: [...rows], cursor }, this.#size));
      },
      lend: (work) => work(),
      suspend: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async *#inputs(signal: AbortSignal): AsyncGenerator<TerminalInput> {
    while (!signal.aborted) {
      const typed = this.#typed;
      this.#typed = [];
      yield* typed;
      if (this.#typed.length > 0) continue;
      this.#hasInput = Promise.withResolvers();
      await Promise.race([this.#hasInput.promise, ended(signal)]);
    }
  }

  #onPainted(app: App): void {
    this.#watch.outputs.show(shownTasks(app));
    this.#painted = { app, number: (this.#painted?.number ?? 0) + 1 };
    this.#hasPainted.resolve();
    this.#hasPainted = Promise.withResolvers();
  }

  type(...inputs: readonly TerminalInput[]): void {
    for (const input of inputs) {
      if (input.kind === 'resize') {
        this.#size = { width: input.width, height: input.height };
        this.screen.resize(input.width, input.height);
      }
      this.#typed.push(input);
    }
    this.#hasInput.resolve();
  }

  press(...keys: readonly string[]): void {
    const inputs = keys.map((key): TerminalInput => {
      return { kind: 'key', key, text: [...key].length === 1 ? key : '' };
    });
    this.type(...inputs);
  }

  get app(): App {
    return this.#painted?.app ?? assert.fail('nothing was painted');
  }

  /** Resolves with the app that is on the screen once it is so, with all of it written. */
  async until(isSo: (app: App) => boolean, what = 'what was waited for'): Promise<App> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), GIVE_UP_MS);
    });
    try {
      for (;;) {
        const painted = this.#painted;
        if (painted !== undefined && this.#isFitting(painted.app) && isSo(painted.app)) {
          await this.#written;
          if (painted.number === this.#painted?.number) return painted.app;
          continue;
        }
        const news = await Promise.race([this.#hasPainted.promise, this.#running.then(() => 'over'), late]);
        if (news === 'late') assert.fail(`It never came: ${what}\n${this.screen.rows().join('\n')}`);
        if (news === 'over') assert.fail('The face has ended');
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** It is drawn for the size that the terminal has now. */
  #isFitting({ ui: { size } }: App): boolean {
    return size.width === this.#size.width && size.height === this.#size.height;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#watch.outputs.show([]);
    this.screen[Symbol.dispose]();
  }
}

/** The cells of a face that was opened just now and is looked at in the same way; what agents printed stays. */
export async function freshCells(api: ProjectApi, { ui, outputs }: App): Promise<string[][]> {
  const { size } = ui;
  using screen = new Screen(size.width, size.height);
  const app: App = { view: await load(api), ui, dialog: undefined, outputs };
  const { rows, cursor } = render(app, createTheme(LOOK));
  await screen.write(TAKE + new Painter(LOOK).update({ rows: [...rows], cursor }, size));
  return screen.cells();
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) resolve();
  signal?.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
