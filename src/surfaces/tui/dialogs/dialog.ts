import type { Effect, Message } from '../app.ts';
import type { ProjectView } from '../project/view.ts';
import type { Theme } from '../theme.ts';
import type { SaidByCommand } from '../ui.ts';

/** Something that is asked of the person, or shown, on top of the panes. Pure: what it wants done are effects. */
export interface Dialog<State> {
  /** Every message comes here while it is open, also those that it has no use for. */
  update(state: State, message: Message, view: ProjectView): DialogStep<State>;
  render(state: State, size: Size, theme: Theme, view: ProjectView): Frame;
  /** Is a text being written, which takes keys with Alt? Absent: never. */
  isWriting?(state: State): boolean;
}

/** What stays of a dialog when it is closed. */
export type Kept =
  /** A command line that was given in the palette. */
  | { readonly kind: 'line'; readonly line: string }
  /** What a command said. */
  | { readonly kind: 'said'; readonly said: SaidByCommand };

export type DialogStep<State> =
  | { readonly state: State; readonly effects?: readonly Effect[]; readonly keeps?: Kept }
  /** It is over. `notice`: what came of it, one line. */
  | {
      readonly close: true;
      readonly effects: readonly Effect[];
      readonly notice?: string;
    };

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rows of exactly the width, at most as many as the height; they stand at the bottom, over what is behind them. */
export interface Frame {
  readonly rows: readonly string[];
  /** In these rows. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

/** A dialog with its state: what holds it needs to know nothing of either. */
export interface OpenDialog {
  update(message: Message, view: ProjectView): OpenDialogStep;
  render(size: Size, theme: Theme, view: ProjectView): Frame;
  isWriting(): boolean;
}

export type OpenDialogStep =
  | { readonly dialog: OpenDialog; readonly effects: readonly Effect[]; readonly keeps?: Kept }
  | Extract<DialogStep<never>, { readonly close: true }>;

/** A dialog that begins, and what it wants done at once. */
export interface Opened {
  readonly dialog: OpenDialog;
  readonly effects: readonly Effect[];
}

/** Begins `dialog` with `state`. */
export function open<State>(dialog: Dialog<State>, state: State, effects: readonly Effect[] = []): Opened {
  return { dialog: holding(dialog, state), effects };
}

function holding<State>(dialog: Dialog<State>, state: State): OpenDialog {
  return {
    update(message, view) {
      const step = dialog.update(state, message, view);
      if ('close' in step) return step;
      const next = step.state === state ? this : holding(dialog, step.state);
      const { effects = [], keeps } = step;
      return { dialog: next, effects, ...(keeps === undefined ? {} : { keeps }) };
    },
    render: (size, theme, view) => dialog.render(state, size, theme, view),
    isWriting: () => dialog.isWriting?.(state) === true,
  };
}
