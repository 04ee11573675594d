import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, UsageError } from '../../core/errors.ts';
import type { Plan, Roadmap } from '../../core/roadmap/model.ts';
import type { RoadmapProblem } from '../../core/roadmap/problem.ts';
import { MOST_BYTES, readRoadmap } from './read-roadmap.ts';

export interface LoadedRoadmap {
  readonly roadmap: Roadmap;
  readonly plan: Plan;
  /** SHA-256 of the file's bytes, in hex. */
  readonly hash: string;
  readonly text: string;
}

/** A roadmap that cannot be used, with everything that is wrong with it. Code `ROADMAP_INVALID`. */
export class RoadmapInvalidError extends UsageError {
  readonly problems: readonly RoadmapProblem[];

  constructor(problems: readonly RoadmapProblem[]) {
    const [first] = problems;
    const more = problems.length - 1;
    const place = first === undefined ? '' : `${first.file}:${first.line}:${first.col}: ${first.message}`;
    super('ROADMAP_INVALID', more > 0 ? `${place} (and ${more} more)` : place, { advice: first?.advice });
    this.problems = problems;
  }
}

/**
 * Reads, checks and plans the roadmap at `path`; `shownAs` is its name in messages. Throws `UsageError`:
 * `ROADMAP_MISSING`, `ROADMAP_UNREADABLE` (a directory, a pipe, no permission) or `RoadmapInvalidError`.
 */
export async function loadRoadmap(path: string, options: { shownAs?: string } = {}): Promise<LoadedRoadmap> {
  const bytes = await readRoadmapBytes(path, options.shownAs ?? path);
  const read = readRoadmap(options.shownAs ?? path, bytes);
  if (read.kind === 'invalid') throw new RoadmapInvalidError(read.problems);
  return { roadmap: read.roadmap, plan: read.plan, hash: hashOf(bytes), text: read.text };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** At most one byte more than a roadmap may have, from a regular file. */
export async function readRoadmapBytes(path: string, shownAs: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) {
      throw unreadable(shownAs, stat.isDirectory() ? 'it is a directory' : 'it is not a regular file');
    }
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw asUsageError(error, shownAs);
  } finally {
    await handle?.close();
  }
}

function asUsageError(error: unknown, shownAs: string): UsageError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return roadmapMissing(shownAs, error);
  }
  if (code === 'EACCES' || code === 'EPERM') return unreadable(shownAs, 'permission denied', error);
  if (code === 'ELOOP') return unreadable(shownAs, 'it is a symbolic link to itself', error);
  return unreadable(shownAs, messageOf(error), error);
}

/** Nobody has written it yet, or it was deleted. */
export function roadmapMissing(shownAs: string, cause?: unknown): UsageError {
  return new UsageError('ROADMAP_MISSING', `There is no roadmap at ${shownAs}.`, {
    advice: 'Run "cw init" to make one, or name yours with roadmap.path in .codewalk/config.json.',
    cause,
  });
}

function unreadable(shownAs: string, reason: string, cause?: unknown): UsageError {
  return new UsageError('ROADMAP_UNREADABLE', `The roadmap ${shownAs} cannot be read: ${reason}.`, {
    advice: 'roadmap.path must name a YAML file that you may read.',
    cause,
  });
}
