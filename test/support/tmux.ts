import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Only a broken program makes a test wait so long. */
const PATIENCE_MS = 20_000;
/** How often the screen is looked at while a test waits for something on it. */
const LOOK_MS = 40;

/** No line of its own, no delay after an escape, and no config of this machine. */
const CONFIG = `set -g status off
set -s escape-time 0
set -g default-terminal tmux-256color
set -g history-limit 5000
`;

export interface TmuxOptions {
  readonly cwd: string;
  readonly home: string;
  readonly size?: { readonly width: number; readonly height: number };
  /** On top of a PATH and a locale. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A shell in a real terminal, on a tmux server of its own. Disposing ends the server and all that runs in it. */
export class Tmux implements AsyncDisposable {
  readonly #directory: string;
  readonly #socket: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ cwd, home, size = { width: 80, height: 24 }, env = {} }: TmuxOptions) {
    // A socket's path must be short.
    this.#directory = mkdtempSync('/tmp/cw-tmux-');
    this.#socket = randomUUID().slice(0, 8);
    this.#env = {
      PATH: process.env['PATH'],
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      TMUX_TMPDIR: this.#directory,
    };
    const config = join(this.#directory, 'tmux.conf');
    writeFileSync(config, CONFIG);
    // As its own words, so that no shell of this machine stands in between and puts its own settings there.
    const given = Object.entries({ PS1: '$ ', ...env }).map(([name, value]) => `${name}=${value}`);
    const { width, height } = size;
    const session = ['new-session', '-d', '-x', `${width}`, '-y', `${height}`, '-c', cwd];
    this.#run('-f', config, ...session, 'env', ...given, '/bin/sh', '-i');
  }

  /** Presses keys by tmux's names: `Enter`, `C-w`, `Escape`, `j`. */
  press(...keys: readonly string[]): void {
    this.#run('send-keys', '-t', ':0', '--', ...keys);
  }

  /** Presses keys by the names that the terminal face has for them: `ctrl+w`, `esc`, `j`. */
  keys(...names: readonly string[]): void {
    this.press(...names.map(tmuxKey));
  }

  /** Types text as it is, also bytes of escape sequences. */
  type(text: string): void {
    this.#run('send-keys', '-t', ':0', '-l', '--', text);
  }

  /** Types a command into the shell. */
  command(line: string): void {
    this.type(line);
    this.press('Enter');
  }

  /** As one piece, in brackets where the program asked for them. */
  paste(text: string): void {
    const file = join(this.#directory, 'pasted');
    writeFileSync(file, text);
    this.#run('load-buffer', file);
    this.#run('paste-buffer', '-p', '-r', '-t', ':0');
  }

  /** Columns and rows from 0. */
  mouse(action: 'press' | 'wheel-up' | 'wheel-down', { x, y }: { x: number; y: number }): void {
    const button = { press: 0, 'wheel-up': 64, 'wheel-down': 65 }[action];
    this.type(`\u001b[<${button};${x + 1};${y + 1}M`);
    if (action === 'press') this.type(`\u001b[<0;${x + 1};${y + 1}m`);
  }

  resize(width: number, height: number): void {
    this.#run('resize-window', '-t', ':0', '-x', `${width}`, '-y', `${height}`);
  }

  /** Writes on the screen past the program that draws there, as a daemon's message does. */
  scribble(text: string): void {
    writeFileSync(this.known('#{pane_tty}'), `\u001b[H${text}`);
  }

  /** How the terminal looks by itself, such as `bg=#ffffff`; programs may ask for it. */
  style(style: string): void {
    this.#run('set-option', '-w', '-t', ':0', 'window-style', style);
  }

  /** From now on all that is written to the terminal is also written to the file. */
  record(path: string): void {
    this.#run('pipe-pane', '-t', ':0', '-O', `exec cat > '${path}'`);
  }

  /** Closes the terminal under whatever runs in it. */
  hangUp(): void {
    this.#run('new-window', '-d');
    this.#run('kill-pane', '-t', ':0');
  }

  /** What is on the screen, without what stands behind the text of each row. */
  screen(): string {
    return this.#run('capture-pane', '-p', '-t', ':0');
  }

  /** The same with its colours. */
  coloured(): string {
    return this.#run('capture-pane', '-p', '-e', '-t', ':0');
  }

  /** What tmux knows of the pane, such as `#{pane_title}` or `#{alternate_on}`. */
  known(format: string): string {
    return this.#run('display-message', '-p', '-t', ':0', format).trim();
  }

  /** Resolves, to the screen, when it is as wanted. */
  async until(wanted: RegExp | ((screen: string) => boolean)): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = this.screen();
      if (typeof wanted === 'function' ? wanted(screen) : wanted.test(screen)) return screen;
      if (performance.now() > deadline) assert.fail(`The screen never showed ${wanted}:\n${screen}`);
      await pause(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server'], { env: this.#env });
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #run(...args: readonly string[]): string {
    try {
      return execFileSync('tmux', ['-L', this.#socket, ...args], {
        env: this.#env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error(
        'tmux is missing, which gives these tests a terminal: install it (apt-get install tmux)',
        {
          cause: error,
        },
      );
    }
  }
}

function tmuxKey(name: string): string {
  const parts = name.split(/\+(?=.)/);
  const key = parts.pop() ?? '';
  if (name === 'shift+tab') return 'BTab';
  const modifiers = parts.map((each) => `${MODIFIERS[each]}-`).join('');
  // Otherwise it would end the command.
  return modifiers + (key === ';' ? '\\;' : (NAMES[key] ?? key));
}

const MODIFIERS: Readonly<Record<string, string>> = { ctrl: 'C', alt: 'M', shift: 'S' };

const NAMES: Readonly<Record<string, string>> = {
  tab: 'Tab',
  enter: 'Enter',
  esc: 'Escape',
  space: 'Space',
  backspace: 'BSpace',
  delete: 'DC',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pgdn: 'PageDown',
  pgup: 'PageUp',
  home: 'Home',
  end: 'End',
};
