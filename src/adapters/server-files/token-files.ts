import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PERSON_ROLES } from '../../core/api/actor.ts';
import { makePrivate } from './run-directory.ts';
import { replace } from './server-record.ts';

/** A token that somebody was given, without what it takes to use it. */
const issuedToken = z.strictObject({
  id: z.string().regex(/^[\da-f]{12}$/),
  sha256: z.string().regex(/^[\da-f]{64}$/),
  /** Who it was made for, in the words of whoever made it. */
  name: z.string().min(1).max(64),
  role: z.enum(PERSON_ROLES),
  /** Epoch ms. */
  createdAt: z.int(),
  /** From then on it is worth nothing, epoch ms; absent: never. */
  expiresAt: z.int().exactOptional(),
  /** Roots of the projects that it is for; absent: all of the server. */
  projects: z.array(z.string().startsWith('/')).min(1).readonly().exactOptional(),
});
export type IssuedToken = z.infer<typeof issuedToken>;

/** When a token was used last is written down so often at most, ms: it is for people. */
const USE_MS = 60_000;

/**
 * The tokens that were given out, each in a file of its own, named by its id: adding one and taking one away is one
 * step each, whoever does it at the same time, and a server that asks for every request notices at once.
 */
export class TokenFiles {
  readonly #directory: string;
  /** By id: the last use that was written down, epoch ms. */
  readonly #written = new Map<string, number>();

  constructor(runDirectory: string) {
    this.#directory = join(runDirectory, 'tokens');
  }

  add(token: IssuedToken): void {
    makePrivate(this.#directory);
    this.#dropOrphans();
    replace(this.#path(token.id), `${JSON.stringify(token, null, 2)}\n`);
  }

  /** Undefined for one that is not there, and for a file that is no token. */
  find(id: string): IssuedToken | undefined {
    try {
      const parsed = issuedToken.safeParse(JSON.parse(readFileSync(this.#path(id), 'utf8')));
      return parsed.success && parsed.data.id === id ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }

  /** The oldest first. */
  list(): readonly IssuedToken[] {
    return this.#ids()
      .flatMap((id) => this.find(id) ?? [])
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  /** False when there was none. */
  remove(id: string): boolean {
    if (!this.#ids().includes(id)) return false;
    rmSync(this.#path(id), { force: true });
    rmSync(this.#usePath(id), { force: true });
    return true;
  }

  /**
   * Notes that the token was used at `at`, epoch ms, beside its own file: a token that is taken back at this moment does
   * not come back by it. A use that cannot be noted is no reason to turn anybody away.
   */
  use(id: string, at: number): void {
    if (at - (this.#written.get(id) ?? Number.NEGATIVE_INFINITY) < USE_MS) return;
    this.#written.set(id, at);
    try {
      replace(this.#usePath(id), `${at}\n`);
    } catch {
      // A full disk, or a directory that somebody has just removed.
    }
  }

  /** When it was used last, epoch ms, to the minute; undefined: never. */
  lastUse(id: string): number | undefined {
    try {
      const at = Number(readFileSync(this.#usePath(id), 'utf8').trim());
      return Number.isSafeInteger(at) && at > 0 ? at : undefined;
    } catch {
      return undefined;
    }
  }

  /** What a server noted of a token in the moment in which it was taken back. */
  #dropOrphans(): void {
    const ids = new Set(this.#ids());
    for (const name of readdirSync(this.#directory)) {
      const [, id] = /^([\da-f]{12})\.used$/.exec(name) ?? [];
      if (id !== undefined && !ids.has(id)) rmSync(this.#usePath(id), { force: true });
    }
  }

  #ids(): readonly string[] {
    try {
      return readdirSync(this.#directory).flatMap((name) => /^([\da-f]{12})\.json$/.exec(name)?.[1] ?? []);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #usePath(id: string): string {
    return join(this.#directory, `${id}.used`);
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}
