import { open } from 'node:fs/promises';

const CHUNK_BYTES = 262_144;
const NEWLINE = 0x0a;

/**
 * Reads a growing text file from byte `from` to its present end, in whole lines without their line ends. Returns
 * where to go on; an unfinished last line is left for the next time, unless `last` says that there is none. A line
 * longer than 256 KiB comes in pieces.
 */
export async function readLines(
  path: string,
  options: { from: number; last: boolean; onLines: (lines: readonly string[]) => Promise<boolean> },
): Promise<number> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let at = options.from;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at);
    const chunk = buffer.subarray(0, bytesRead);
    const end = chunk.lastIndexOf(NEWLINE);
    const atEnd = bytesRead < CHUNK_BYTES;
    const wholeChunk = end === -1 && bytesRead > 0 && (!atEnd || options.last);
    const taken = wholeChunk ? bytesRead : end + 1;
    if (taken === 0) return at;
    const text = chunk.toString('utf8', 0, wholeChunk ? taken : end);
    at += taken;
    const goOn = await options.onLines(text.split('\n'));
    if (!goOn) return at;
  }
}
