/** One thing that a person did at the terminal. */
export type TerminalInput =
  | {
      readonly kind: 'key';
      /**
       * Its name: `j`, `G`, `?`, `enter`, `esc`, `tab`, `shift+tab`, `up`, `pgdn`, `home`, `delete`, `backspace`, `space`,
       * `f5`, with `ctrl+`, `alt+` and `shift+` before it, in this order. Letters carry their case instead of `shift+`.
       */
      readonly key: string;
      /** What it types; empty for a key that types nothing. */
      readonly text: string;
      /**
       * The key behind an escape byte. Alt and a key is that in most terminals, and so is Escape and then a key when
       * both come in one piece, as they do over a slow line: only who knows whether the key with Alt means something
       * can tell.
       */
      readonly afterEscape?: { readonly key: string; readonly text: string };
    }
  | { readonly kind: 'paste'; readonly text: string }
  | {
      readonly kind: 'mouse';
      readonly action: 'press' | 'drag' | 'release' | 'wheel-up' | 'wheel-down';
      /** Column and row from 0, from the left and the top. */
      readonly x: number;
      readonly y: number;
    }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number };

/** How many colours a terminal takes. `none` still takes bold, underlined and inverse. */
export type ColourDepth = 'none' | '16' | '256' | 'true';

/** What can be drawn on a terminal. */
export interface TerminalLook {
  readonly colours: ColourDepth;
  readonly background: 'dark' | 'light';
  /** It draws more than ASCII: lines, signs, letters of every language. */
  readonly unicode: boolean;
}

/** Columns and rows. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** A column and a row from 0. */
export interface TerminalPlace {
  readonly x: number;
  readonly y: number;
}

/**
 * A terminal that is taken as a whole, for as long as this is not disposed: keys come as they are pressed, nothing is
 * echoed, and what was on it before comes back in the end, also when the process ends by an error or a signal.
 */
export interface Terminal extends AsyncDisposable {
  readonly size: TerminalSize;
  readonly look: TerminalLook;
  /** What the person does from now on, until `signal` aborts or the terminal is gone. One reader at a time. */
  inputs(signal: AbortSignal): AsyncIterable<TerminalInput>;
  /**
   * Shows `rows`, from the top, and the cursor at `cursor` or not at all. Only what changed is written, as one
   * synchronized update. Rows hold text and colours (SGR) only; anything else in them is never written. While the
   * terminal takes nothing, frames are dropped, and the newest is shown as soon as it does.
   */
  paint(rows: readonly string[], cursor?: TerminalPlace): void;
  /** Gives the terminal back for as long as `work` takes, then takes it again and paints everything anew. */
  lend<T>(work: () => Promise<T>): Promise<T>;
  /** Stops the whole job, as Ctrl+Z does; resolves when it was continued, with everything painted anew. */
  suspend(): Promise<void>;
}
