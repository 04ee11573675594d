import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as z from 'zod';
import type { StateFile } from './cli-state.ts';
import { makeBelow, realPath } from './paths.ts';
import { removeTreeSync } from './remove-tree.ts';

const MOST_BYTES = 16 * 1_048_576;
const CREDENTIALS_BYTES = 262_144;
const record = z.record(z.string(), z.string());

/** A person's file and its private copy. */
interface Pair {
  readonly file: StateFile;
  /** The private directory that the copy is in, and where. */
  readonly root: string;
  readonly copy: string;
}

/**
 * Copies of the small files that a CLI needs. They are made anew for every start, so that nothing which an agent
 * wrote into its settings is there for the next one. Only credentials go back: a token that a CLI renewed would else
 * be lost, and the person logged out.
 */
export class PrivateFiles {
  /** Of each file that was copied, the hash of what it was; out of the agent's reach. */
  readonly #recordPath: string;
  readonly #place: (path: string) => { root: string; path: string } | undefined;

  /** `place` says where a path of the person's is found in the private directories. */
  constructor(recordPath: string, place: (path: string) => { root: string; path: string } | undefined) {
    this.#recordPath = recordPath;
    this.#place = place;
  }

  copyIn(files: readonly StateFile[]): void {
    this.handBack(files);
    const copied = this.#read();
    for (const { file, root, copy } of this.#pairs(files)) {
      const own = readSmall(realPath(file.path), MOST_BYTES);
      const directory = makeBelow(root, dirname(copy), 'directory');
      if (own !== undefined) {
        replace(directory, copy, own);
        copied[file.path] = hash(own);
      } else if (!file.credentials) {
        removeTreeSync(copy);
      }
    }
    writeFileSync(`${this.#recordPath}.new`, JSON.stringify(copied), { mode: 0o600 });
    renameSync(`${this.#recordPath}.new`, this.#recordPath);
  }

  /** Gives renewed credentials back, where the person's own are still those that were copied. */
  handBack(files: readonly StateFile[]): void {
    const copied = this.#read();
    for (const { file, root, copy } of this.#pairs(files)) {
      if (!file.credentials) continue;
      const target = realPath(file.path);
      const own = readSmall(target, CREDENTIALS_BYTES);
      if (own === undefined || copied[file.path] !== hash(own)) continue;
      const renewed = isPlainPath(root, copy) ? readSmall(copy, CREDENTIALS_BYTES) : undefined;
      if (renewed === undefined || renewed.equals(own) || !sameShape(own, renewed)) continue;
      replace(dirname(target), target, renewed);
      copied[file.path] = hash(renewed);
      writeFileSync(this.#recordPath, JSON.stringify(copied), { mode: 0o600 });
    }
  }

  #pairs(files: readonly StateFile[]): Pair[] {
    return files.flatMap((file) => {
      const placed = this.#place(file.path);
      return placed === undefined ? [] : [{ file, root: placed.root, copy: placed.path }];
    });
  }

  #read(): Record<string, string> {
    try {
      return record.parse(JSON.parse(readFileSync(this.#recordPath, 'utf8')));
    } catch {
      return {};
    }
  }
}

/** The content of a regular file, which is no link; `undefined` for anything else. */
function readSmall(path: string, mostBytes: number): Buffer | undefined {
  let fd: number;
  try {
    // Without NONBLOCK a named pipe in its place would hold us up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Is every directory on the way from `root` to `path` a real one? */
function isPlainPath(root: string, path: string): boolean {
  const parts = relative(root, dirname(path)).split('/');
  let at = root;
  return parts.every((part) => {
    at = join(at, part);
    return lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
  });
}

function replace(directory: string, path: string, content: Buffer): void {
  const next = join(directory, `.cw-${randomBytes(6).toString('hex')}`);
  writeFileSync(next, content, { flag: 'wx', mode: 0o600 });
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) removeTreeSync(path);
  renameSync(next, path);
}

/** A renewal changes values, not what there is: anything else was not written by the CLI. */
function sameShape(before: Buffer, after: Buffer): boolean {
  try {
    const [a, b] = [before, after].map((text) => JSON.parse(text.toString('utf8')) as unknown);
    return typeof b === 'object' && b !== null && !Array.isArray(b) && shape(a) === shape(b);
  } catch {
    return false;
  }
}

function shape(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${shape(each)}`);
  return `{${entries.sort().join()}}`;
}

function hash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
