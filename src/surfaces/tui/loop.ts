import type { ProjectApi } from '../../core/api/ports.ts';
import { errorFacts } from '../../core/error-facts.ts';
import { assertNever } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { App, CommandOutput, Effect, Message } from './app.ts';
import { Mailbox } from './mailbox.ts';
import { Pace } from './pace.ts';
import { render } from './render.ts';
import type { Terminal } from './terminal.ts';
import { createTheme, type Theme } from './theme.ts';
import { update } from './update.ts';

/** How often the times on screen move on. */
const TICK_MS = 1_000;

/** What the face needs of the outside. */
export interface FaceParts {
  readonly terminal: Terminal;
  readonly api: ProjectApi;
  readonly clock: Clock;
  /** Tells what happens besides the person's input, until the signal aborts: views of the project, notices. */
  readonly feed: (tell: { put(message: Message): void; leave(): void }, signal: AbortSignal) => Promise<void>;
  /** This is on screen now. */
  readonly painted: (app: App) => void;
  readonly older: (task: string) => Promise<unknown>;
  readonly textFromEditor: (text: string, name: string) => Promise<string>;
  readonly runCommand: (argv: readonly string[], width: number) => Promise<CommandOutput>;
  readonly shellIn: (directory: string) => Promise<void>;
  readonly pathsIn: (directory: string) => Promise<readonly string[]>;
  readonly interrupt: () => void;
}

/** Shows the project and does what the person says, until they leave or `signal` aborts. */
export async function runFace(first: App, parts: FaceParts, signal: AbortSignal): Promise<void> {
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const mailbox = new Mailbox<Message>();
  const put = (message: Message): void => mailbox.put(message);
  const leave = (): void => end.abort();
  const pace = new Pace(parts.clock);
  const typed = (message: Message): void => {
    put(message);
    pace.hurry();
  };
  const face = new Face(first, parts, put, leave);
  // What fails here ends the face, and is what it ends with. So does a terminal that is gone.
  const helpers = [
    read(parts.terminal, typed, stop).finally(leave),
    parts.feed({ put, leave }, stop),
    tick(parts.clock, put, stop),
  ].map((helper) =>
    helper.catch((error: unknown) => {
      leave();
      throw error;
    }),
  );
  const all = Promise.all(helpers);
  all.catch(() => undefined);
  face.paint();
  while (!stop.aborted) {
    const messages = await mailbox.take(stop);
    if (messages.length === 0) continue;
    face.take(messages);
    await pace.due(stop);
    face.take(mailbox.drain());
    if (!stop.aborted) face.paint();
    pace.painted();
  }
  end.abort();
  await all;
}

/** Holds the app, and carries out what it wants done. */
class Face {
  #app: App;
  readonly #theme: Theme;
  readonly #parts: FaceParts;
  readonly #put: (message: Message) => void;
  readonly #leave: () => void;

  constructor(app: App, parts: FaceParts, put: (message: Message) => void, leave: () => void) {
    this.#app = app;
    this.#theme = createTheme(parts.terminal.look);
    this.#parts = parts;
    this.#put = put;
    this.#leave = leave;
  }

  take(messages: readonly Message[]): void {
    for (const message of messages) {
      const { app, effects } = update(this.#app, message);
      this.#app = app;
      for (const effect of effects) this.#carryOut(effect);
    }
  }

  paint(): void {
    const { terminal, painted } = this.#parts;
    const { rows, cursor } = render(this.#app, this.#theme);
    terminal.paint(rows, cursor);
    painted(this.#app);
  }

  #carryOut(effect: Effect): void {
    const { api, terminal, textFromEditor, runCommand, interrupt } = this.#parts;
    switch (effect.kind) {
      case 'quit':
        this.#leave();
        break;
      case 'interrupt':
        interrupt();
        break;
      case 'suspend':
        this.#tell('terminal.suspend', () => terminal.suspend());
        break;
      case 'older':
        this.#tell('terminal.older', () => this.#parts.older(effect.task));
        break;
      case 'redraw':
        this.#tell('terminal.redraw', () => terminal.lend(async () => {}));
        break;
      case 'call':
        this.#tell(effect.name, () =>
          (api[effect.operation] as (input: unknown) => Promise<unknown>)(effect.input),
        );
        break;
      case 'edit':
        this.#tell(effect.name, () =>
          terminal.lend(() => textFromEditor(effect.text, `text${effect.suffix}`)),
        );
        break;
      case 'command':
        this.#tell(effect.name, () => runCommand(effect.argv, effect.width));
        break;
      case 'shell':
        this.#tell('terminal.shell', () => terminal.lend(() => this.#parts.shellIn(effect.directory)));
        break;
      case 'paths':
        this.#tell(effect.name, () => this.#parts.pathsIn(effect.directory));
        break;
      case 'highlight':
        this.#tell(effect.name, async () => {
          // Late: it is large, and only diffs need it.
          const { highlight } = await import('./syntax/highlight.ts');
          return await highlight(effect.path, effect.texts);
        });
        break;
      default:
        assertNever(effect);
    }
  }

  #tell(effect: string, work: () => Promise<unknown>): void {
    work().then(
      (value) => this.#put({ kind: 'told', effect, result: { ok: true, value } }),
      (error: unknown) =>
        this.#put({ kind: 'told', effect, result: { ok: false, error: errorFacts(error) } }),
    );
  }
}

async function read(terminal: Terminal, put: (message: Message) => void, signal: AbortSignal): Promise<void> {
  for await (const input of terminal.inputs(signal)) put(input);
}

async function tick(clock: Clock, put: (message: Message) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal);
    put({ kind: 'tick', now: clock.now() });
  }
}
