import { stat } from 'node:fs/promises';
import { crashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import type { RoadmapRead, RoadmapSource } from '../../core/syncing/ports.ts';
import { IncrementalParser } from './incremental.ts';
import { readRoadmap } from './read-roadmap.ts';
import { hashOf, readRoadmapBytes } from './roadmap-file.ts';

/** The roadmap file at one path, which need not exist yet. */
export class RoadmapReader implements RoadmapSource {
  readonly path: string;
  readonly #file: string;
  readonly #parser = new IncrementalParser();
  /** What the file was when it was last parsed. */
  #last: Extract<RoadmapRead, { kind: 'valid' | 'invalid' }> | undefined;

  /** `file` is absolute; `shownAs` is its name in messages. */
  constructor(file: string, shownAs: string) {
    this.#file = file;
    this.path = shownAs;
  }

  async stamp(): Promise<string | undefined> {
    const found = await stat(this.#file, { bigint: true }).catch(() => undefined);
    return found === undefined ? undefined : `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
  }

  async read(known: string | undefined): Promise<RoadmapRead> {
    const bytes = await this.#bytes();
    if (!(bytes instanceof Uint8Array)) return bytes;
    crashPoint('roadmap.read');
    const hash = hashOf(bytes);
    if (hash === known) return { kind: 'same', hash };
    if (this.#last?.hash !== hash) this.#last = this.#parse(bytes, hash);
    return this.#last;
  }

  #parse(bytes: Uint8Array, hash: string): Extract<RoadmapRead, { kind: 'valid' | 'invalid' }> {
    const read = readRoadmap(this.path, bytes, this.#parser);
    if (read.kind === 'invalid') return { kind: 'invalid', hash, problems: read.problems };
    crashPoint('roadmap.parsed');
    return { kind: 'valid', hash, roadmap: read.roadmap, plan: read.plan };
  }

  async #bytes(): Promise<Uint8Array | RoadmapRead> {
    try {
      return await readRoadmapBytes(this.#file, this.path);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (error.code === 'ROADMAP_MISSING') return { kind: 'missing' };
      return { kind: 'unreadable', message: error.message, advice: error.advice ?? '' };
    }
  }
}
