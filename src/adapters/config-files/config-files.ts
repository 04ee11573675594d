import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConfigFiles, ConfigText, FileScope } from '../../core/config/ports.ts';
import { UsageError } from '../../core/errors.ts';
import { type ConfigPlaces, configFiles } from './load.ts';
import { readConfigText } from './read-text.ts';

/** `<home>/.codewalk/config.json` and `<root>/.codewalk/config.json`. */
export class DiskConfigFiles implements ConfigFiles {
  readonly #places: () => Promise<ConfigPlaces>;

  constructor(places: () => Promise<ConfigPlaces>) {
    this.#places = places;
  }

  async read(): Promise<readonly ConfigText[]> {
    const files = configFiles(await this.#places());
    return await Promise.all(files.map(async (file) => ({ ...file, text: await readConfigText(file.path) })));
  }

  async write(
    { scope, path }: Pick<ConfigText, 'scope' | 'path'>,
    { before, after }: { before: string | undefined; after: string },
  ): Promise<void> {
    if ((await readConfigText(path)) !== before) {
      throw new UsageError('CONFIG_CHANGED', `${path} was changed by somebody else just now.`, {
        advice: 'Nothing was written. Look at the settings again.',
      });
    }
    await replaceFile(path, after, scope);
  }
}

/** Replaces the file in one step: a reader, or a crash, sees the old text or the new one. */
async function replaceFile(path: string, text: string, scope: FileScope): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    // A provider's env may hold keys, and the global file is one person's own.
    () => (scope === 'global' ? 0o600 : 0o644),
  );
  const temporary = join(dirname(target), `.config.json.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using handle = await open(temporary, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
    await chmod(temporary, mode);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UsageError(
      'CONFIG_UNWRITABLE',
      `The config ${path} cannot be written: ${(error as Error).message}.`,
      {
        advice: 'Check that the directory exists and that you may write into it.',
        cause: error,
      },
    );
  }
}
