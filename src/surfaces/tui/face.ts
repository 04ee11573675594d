import type { Clock } from '../../core/ports.ts';
import type { CliContext } from '../cli/context.ts';
import type { Message } from './app.ts';
import { shownTasks } from './focus.ts';
import { runFace } from './loop.ts';
import { ProjectWatch } from './project/watch.ts';
import { initialUi, type RunState } from './ui.ts';

/** A run of this process that the face shows. */
export interface FaceRun {
  /** See `RunState`. */
  readonly quitStops: boolean;
  /** Resolves when it is over, to how it ended; undefined: there is nothing to read, the face ends with it. */
  readonly ended: Promise<string | undefined>;
  /** Calls the listener with what is worth a line. */
  onNotice(listener: (text: string) => void): void;
}

/** Shows the project on this terminal until the person leaves or `signal` aborts. Throws `TERMINAL_UNFIT`. */
export async function showFace(
  context: CliContext,
  { signal, run }: { readonly signal: AbortSignal; readonly run?: FaceRun },
): Promise<void> {
  const { services } = context;
  const clock: Clock = services.clock;
  const api = await services.api();
  const listeners = new Set<() => void>();
  const watch = new ProjectWatch(api, {
    clock,
    onOutput: () => {
      for (const listener of listeners) listener();
    },
  });
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const views = watch.views(until);
  // What cannot be read is said before the terminal is taken.
  const first = await views.next();
  if (first.done === true) return;
  try {
    await using terminal = await services.openTerminal({ noColour: !context.colours });
    const state: RunState =
      run === undefined ? { kind: 'none' } : { kind: 'running', quitStops: run.quitStops };
    const ui = initialUi(terminal.size, clock.now(), state);
    await runFace(
      { view: first.value, ui, dialog: undefined, outputs: watch.outputs },
      {
        terminal,
        api,
        clock,
        textFromEditor: (text, name) => services.textFromEditor(text, name),
        runCommand: (argv, width) => context.captured(argv, width),
        shellIn: (directory) => services.shellIn(directory),
        pathsIn: (directory) => services.pathsIn(directory),
        interrupt: () => context.interrupt(),
        painted: (app) => watch.outputs.show(shownTasks(app)),
        older: (task) => watch.outputs.older(task),
        feed: async ({ put, leave }, stop) => {
          listeners.add(() => put({ kind: 'output' }));
          stop.addEventListener('abort', () => over.abort(), { once: true });
          follow(run, put, leave);
          for await (const view of views) put({ kind: 'view', view });
        },
      },
      signal,
    );
  } finally {
    over.abort();
    watch.outputs.show([]);
  }
}

function follow(run: FaceRun | undefined, put: (message: Message) => void, leave: () => void): void {
  run?.onNotice((text) => put({ kind: 'notice', text }));
  run?.ended.then(
    (text) => (text === undefined ? leave() : put({ kind: 'ended', text })),
    // Whoever started it hears of the failure.
    () => leave(),
  );
}
