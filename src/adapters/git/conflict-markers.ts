import { createReadStream, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Those of `files` (relative to `directory`) in which a line begins with a conflict marker. */
export async function filesWithMarkers(directory: string, files: readonly string[]): Promise<string[]> {
  const marked: string[] = [];
  for (const file of files) {
    const path = join(directory, file);
    // A link that an agent made may lead anywhere; a deleted file is one way to resolve a conflict.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() && (await hasMarkers(path))) marked.push(file);
  }
  return marked;
}

async function hasMarkers(path: string): Promise<boolean> {
  const stream = createReadStream(path);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (/^(<{7}|>{7})( |$)/.test(line)) return true;
    }
    return false;
  } finally {
    stream.destroy();
  }
}
