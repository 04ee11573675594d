import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** How many earlier versions are kept. */
const MOST = 50;

const facts = z.object({
  /** Epoch ms. */
  at: z.number(),
  /** What was done to it, in words. */
  what: z.string(),
  /** SHA-256 of the file that it became, hex; absent for a version that was saved by somebody else. */
  became: z.string().optional(),
  /** A task got another id: bringing the version back would lose what the store knows of it. */
  renamed: z.object({ from: z.string(), to: z.string() }).optional(),
});

export interface EarlierVersion extends z.infer<typeof facts> {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Versions of the roadmap file before edits by Codewalk, the latest fifty, in a directory of their own: `000017.yaml`
 * with what was done in `000017.json`.
 */
export class RoadmapHistory {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps a version. Returns where. */
  async keep(bytes: Uint8Array, about: z.infer<typeof facts>): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const numbers = await this.#numbers();
    const number = (numbers.at(-1) ?? 0) + 1;
    await write(this.#path(number, 'yaml'), bytes);
    // What says that the version is there comes last.
    await write(this.#path(number, 'json'), Buffer.from(JSON.stringify(about)));
    for (const old of numbers.slice(0, Math.max(0, numbers.length + 1 - MOST))) await this.#remove(old);
    return this.#path(number, 'yaml');
  }

  /** The version before the latest edit; `undefined` when there is none. */
  async latest(): Promise<EarlierVersion | undefined> {
    for (const number of (await this.#numbers()).toReversed()) {
      const text = await readFile(this.#path(number, 'json'), 'utf8').catch(() => '');
      const read = facts.safeParse(parseJson(text));
      if (!read.success || read.data.became === undefined) continue;
      const path = this.#path(number, 'yaml');
      return { ...read.data, path, bytes: await readFile(path) };
    }
    return undefined;
  }

  /** Forgets a version that was brought back. */
  async forget({ path }: EarlierVersion): Promise<void> {
    await rm(path.replace(/yaml$/, 'json'), { force: true });
    await rm(path, { force: true });
  }

  async #numbers(): Promise<number[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names
      .flatMap((name) => /^(\d{6,})\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  async #remove(number: number): Promise<void> {
    await rm(this.#path(number, 'json'), { force: true });
    await rm(this.#path(number, 'yaml'), { force: true });
  }

  #path(number: number, ending: string): string {
    return join(this.#directory, `${String(number).padStart(6, '0')}.${ending}`);
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const next = `${path}.next`;
  {
    await using handle = await open(next, 'w', 0o600);
    await handle.writeFile(bytes);
    await handle.sync();
  }
  await rename(next, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
