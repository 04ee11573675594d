import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, lstat, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How an editor or a tool puts a new text into a file. */
export type SaveStyle = (path: string, text: string) => Promise<void>;

let counter = 0;

function beside(path: string, name: string): string {
  counter += 1;
  return join(dirname(path), `.${basename(path)}.${name}-${counter}`);
}

/** The ways in which editors save, by name. */
export const SAVE_STYLES = {
  'in place': (path, text) => writeFile(path, text),
  'temporary file and rename': async (path, text) => {
    const next = beside(path, 'new');
    await writeFile(next, text);
    await rename(next, path);
  },
  'backup and a new file': async (path, text) => {
    const backup = `${path}~`;
    await rename(path, backup).catch(() => {});
    await writeFile(path, text);
  },
  'deleted and made again': async (path, text) => {
    await rm(path, { force: true });
    await writeFile(path, text);
  },
  'cut to nothing and written in pieces': async (path, text) => {
    const stream = createWriteStream(path);
    const third = Math.ceil(text.length / 3);
    for (let from = 0; from < text.length; from += third) {
      await new Promise<void>((resolve) => stream.write(text.slice(from, from + third), () => resolve()));
    }
    stream.end();
    await once(stream, 'close');
  },
  'many saves in a row': async (path, text) => {
    for (let left = 5; left > 0; left -= 1) await writeFile(path, `${text}# ${left}\n`);
    await using file = await open(path, 'w');
    await file.writeFile(text);
    await file.sync();
  },
  'a link to another file': async (path, text) => {
    const next = beside(path, 'target');
    await writeFile(next, text);
    const link = beside(path, 'link');
    await symlink(basename(next), link);
    const before = await lstat(path).catch(() => undefined);
    if (before !== undefined && !before.isSymbolicLink()) await copyFile(path, `${path}~`);
    await rename(link, path);
  },
} as const satisfies Record<string, SaveStyle>;
