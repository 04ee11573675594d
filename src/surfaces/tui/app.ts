import type { ChangingApi, ReadingApi } from '../../core/api/ports.ts';
import type { ErrorFacts } from '../../core/error-facts.ts';
import type { OpenDialog } from './dialogs/dialog.ts';
import type { ProjectView } from './project/view.ts';
import type { TerminalInput } from './terminal.ts';
import type { Scrollback } from './text/scrollback.ts';
import type { Ui } from './ui.ts';

/** All that the terminal face shows, as one value: `update` makes the next one, `render` draws it. */
export interface App {
  readonly view: ProjectView;
  readonly ui: Ui;
  /** Stands on top of the panes and gets every input. */
  readonly dialog: OpenDialog | undefined;
  /** What the agents print. It grows by itself: `output` tells of that. */
  readonly outputs: Outputs;
}

export interface Outputs {
  /** Of the task's newest agent; undefined while there is none. */
  of(task: string): Scrollback | undefined;
}

/** All that can happen to the face. */
export type Message =
  | TerminalInput
  | { readonly kind: 'view'; readonly view: ProjectView }
  /** Some agent that is on screen has printed something. */
  | { readonly kind: 'output' }
  /** The effect of that name was carried out, or not. */
  | { readonly kind: 'told'; readonly effect: string; readonly result: Told }
  /** Something worth a line that is no event, such as a notice of the run in this process. */
  | { readonly kind: 'notice'; readonly text: string }
  /** The run in this process is over; `text` says how. */
  | { readonly kind: 'ended'; readonly text: string }
  /** Epoch ms. */
  | { readonly kind: 'tick'; readonly now: number };

export type Told =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorFacts };

/** What the face wants done outside of itself. `name` comes back in the `told` that answers it. */
export type Effect =
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly operation: keyof ChangingApi | Exclude<keyof ReadingApi, 'follow'>;
      readonly input: unknown;
    }
  /** A text in the person's editor; told with the new text. `suffix`: of the file's name, such as `.md`. */
  | { readonly kind: 'edit'; readonly name: string; readonly text: string; readonly suffix: string }
  /** A command line, without `cw`; told with `CommandOutput`. */
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly argv: readonly string[];
      readonly width: number;
    }
  /** The person's shell in a directory, on this terminal, until they leave it. */
  | { readonly kind: 'shell'; readonly directory: string }
  /** What is in a directory, told as names; those of directories end with a slash. */
  | { readonly kind: 'paths'; readonly name: string; readonly directory: string }
  /** More of a task's output from before what is known. */
  | { readonly kind: 'older'; readonly task: string }
  /** Draws everything anew: something else has written on the terminal. */
  | { readonly kind: 'redraw' }
  /** Code of one file, to be coloured by the file's name; told with `Highlighted`, or with nothing. */
  | {
      readonly kind: 'highlight';
      readonly name: string;
      readonly path: string;
      readonly texts: readonly string[];
    }
  /** Gives the terminal back to the shell until it brings this program to the front again. */
  | { readonly kind: 'suspend' }
  /** What Ctrl+C does where the terminal sends a signal for it. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'quit' };

/** What a command printed, and the code that it would have ended with. */
export interface CommandOutput {
  readonly code: number;
  readonly text: string;
}
