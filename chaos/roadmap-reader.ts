// Reads roadmaps in a thread of its own, so that one that hangs it can be told: a whole parse, and one by a parser that
// has read earlier versions.
import { isDeepStrictEqual } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { IncrementalParser } from '../src/adapters/yaml/incremental.ts';
import { readRoadmap } from '../src/adapters/yaml/read-roadmap.ts';

/** What came of one text. */
export interface Reading {
  readonly kind: 'valid' | 'invalid' | 'crash';
  readonly wholeMs: number;
  readonly partsMs: number;
  /** Problems without a place in the file, or without words. */
  readonly badPlaces: number;
  readonly problems: number;
  /** Both parses say the same. */
  readonly same: boolean;
  readonly message: string;
}

/** Of this thread: what others do on the machine does not count. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const parser = new IncrementalParser();

function read(bytes: Uint8Array): Reading {
  try {
    const started = processorMs();
    const whole = readRoadmap('roadmap.yaml', bytes);
    const between = processorMs();
    const parts = readRoadmap('roadmap.yaml', bytes, parser);
    const ended = processorMs();
    const lines = bytes.byteLength > 1_048_576 ? [''] : whole.text.split('\n');
    const problems = whole.kind === 'valid' ? [] : whole.problems;
    const bad = problems.filter(
      ({ file, line, col, message, advice }) =>
        file !== 'roadmap.yaml' ||
        !(line >= 1 && line <= lines.length) ||
        !(col >= 1 && col <= (lines[line - 1]?.length ?? 0) + 1) ||
        message === '' ||
        advice === '',
    );
    const none = whole.kind === 'invalid' && problems.length === 0 ? 1 : 0;
    return {
      kind: whole.kind,
      wholeMs: between - started,
      partsMs: ended - between,
      badPlaces: bad.length + none,
      problems: problems.length,
      same: isDeepStrictEqual(whole, parts),
      message: problems[0]?.message ?? '',
    };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'crash', wholeMs: 0, partsMs: 0, badPlaces: 0, problems: 0, same: false, message };
  }
}

parentPort?.on('message', (bytes: Uint8Array) => parentPort?.postMessage(read(bytes)));
