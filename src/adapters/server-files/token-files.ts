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
});
export type IssuedToken = z.infer<typeof issuedToken>;

/**
 * The tokens that were given out, each in a file of its own, named by its id: adding one and taking one away is one
 * step each, whoever does it at the same time, and a server that asks for every request notices at once.
 */
export class TokenFiles {
  readonly #directory: string;

  constructor(runDirectory: string) {
    this.#directory = join(runDirectory, 'tokens');
  }

  add(token: IssuedToken): void {
    makePrivate(this.#directory);
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
    return true;
  }

  #ids(): readonly string[] {
    try {
      return readdirSync(this.#directory).flatMap((name) => /^([\da-f]{12})\.json$/.exec(name)?.[1] ?? []);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}
