import { spawn } from 'node:child_process';
import type { Delivery, Notice, NoticeTarget } from '../../core/notices/ports.ts';

const TIMEOUT_MS = 5_000;
const APPLE_SCRIPT = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
];

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that shows a notice, and its arguments. */
type Command = (title: string, text: string) => readonly [string, ...string[]];

/** Shows notices on the desktop of this machine, once each. */
export class Desktop implements NoticeTarget {
  readonly name = 'desktop';
  readonly key: string;
  readonly events = undefined;
  readonly #command: Command;
  readonly #env: Environment;

  constructor(options: { host: string; command: Command; env: Environment }) {
    this.key = `desktop-${options.host}`;
    this.#command = options.command;
    this.#env = options.env;
  }

  async deliver({ project, title, text }: Notice, signal?: AbortSignal): Promise<Delivery> {
    const [program, ...args] = this.#command(`${title} (${project})`, text);
    return await run(program, args, { env: this.#env, signal });
  }
}

/**
 * How this machine shows notices; undefined without a desktop session, such as over ssh and in CI. `notify-send` is
 * the freedesktop one, `osascript` comes with macOS.
 */
export function desktopCommand(platform: NodeJS.Platform, env: Environment): Command | undefined {
  if (platform === 'darwin') {
    if (env['SSH_CONNECTION'] !== undefined) return undefined;
    return (title, text) => ['osascript', ...APPLE_SCRIPT.flatMap((line) => ['-e', line]), title, text];
  }
  const isShown = env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined;
  if (platform !== 'linux' || !isShown) return undefined;
  // The text is markup there.
  return (title, text) => ['notify-send', '--app-name=Codewalk', '--', title, escaped(text)];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function run(
  program: string,
  args: readonly string[],
  how: { readonly env: Environment; readonly signal: AbortSignal | undefined },
): Promise<Delivery> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', timeout: TIMEOUT_MS, ...how });
    // An old notice helps nobody: it is shown now or not.
    child.once('error', ({ message }) => resolve({ kind: 'refused', reason: message }));
    child.once('exit', (code, signal) =>
      resolve(
        code === 0
          ? { kind: 'delivered' }
          : { kind: 'refused', reason: `${program} ended with ${code ?? signal}` },
      ),
    );
  });
}
