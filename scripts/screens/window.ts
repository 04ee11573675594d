import { spawn } from 'node:child_process';
import xterm from '@xterm/headless';
import { type Run, runsOf } from './cells.ts';

/** Only a broken program takes so long. */
const PATIENCE_MS = 90_000;

/** A program on a terminal of its own that nobody sees, by script(1). Disposing ends it. */
export class Window implements AsyncDisposable {
  readonly #size: { readonly width: number; readonly height: number };
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #child;
  #changed = Promise.withResolvers<void>();

  constructor(
    line: string,
    options: { cwd: string; env: NodeJS.ProcessEnv; size: { width: number; height: number } },
  ) {
    const { cwd, env, size } = options;
    this.#size = size;
    this.#terminal = new xterm.Terminal({ cols: size.width, rows: size.height, allowProposedApi: true });
    const sized = `stty cols ${size.width} rows ${size.height}; exec ${line}`;
    const child = spawn('script', ['-qec', sized, '/dev/null'], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.on('exit', () => this.#news());
    this.#terminal.onData((answer) => child.stdin.write(answer));
    child.stdout.on('data', (piece: Buffer) => {
      this.#terminal.write(piece, () => this.#news());
    });
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Resolves when the screen is as wanted. Throws, with the screen, when it never is. */
  async until(wanted: (screen: string) => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    const late = setTimeout(() => this.#news(), PATIENCE_MS);
    try {
      while (!wanted(this.#text())) {
        if (performance.now() >= deadline || this.#child.exitCode !== null)
          throw new Error(`The screen never was as wanted by ${wanted}:\n${this.#text()}`);
        await this.#changed.promise;
      }
    } finally {
      clearTimeout(late);
    }
  }

  runs(): readonly (readonly Run[])[] {
    return runsOf(this.#terminal.buffer.active, this.#size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    while (this.#child.exitCode === null && this.#child.signalCode === null) await this.#changed.promise;
    this.#terminal.dispose();
  }

  #news(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #text(): string {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#size.height },
      (_row, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    ).join('\n');
  }
}
