import { mkdir, mkdtemp, readdir, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isolatedEnv } from '../../adapters/git/environment.ts';
import { runGit } from '../../adapters/git/git.ts';
import type { ConfigFile } from '../../core/config/schema.ts';
import { UsageError } from '../../core/errors.ts';
import { LIBRARY } from './library.ts';
import { ROADMAP } from './roadmap.ts';

/**
 * The directory of a new demo: `wanted`, made when it is not there, or a new one for temporary files. Throws
 * `UsageError` with code `DEMO_DIRECTORY_NOT_EMPTY` or `DEMO_DIRECTORY_UNUSABLE`.
 */
export async function demoDirectory(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return await realpath(await mkdtemp(join(tmpdir(), 'codewalk-demo-')));
  const inside = await makeAndList(wanted);
  if (inside.length > 0) {
    throw new UsageError('DEMO_DIRECTORY_NOT_EMPTY', `The directory ${wanted} is not empty.`, {
      advice: 'Name a new or empty one, or none for a temporary one.',
    });
  }
  return await realpath(wanted);
}

async function makeAndList(directory: string): Promise<readonly string[]> {
  try {
    await mkdir(directory, { recursive: true });
    return await readdir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError('DEMO_DIRECTORY_UNUSABLE', `The directory ${directory} cannot be used (${code}).`, {
      advice: 'Name another one, or none for a temporary one.',
      cause: error,
    });
  }
}

/**
 * Fills an empty directory with the demo: a small tested library and its roadmap in one commit on `main`, and the
 * config beside it. Needs no git settings of the person. Throws `GitError`.
 */
export async function createRepository(options: {
  directory: string;
  config: ConfigFile;
  env: NodeJS.ProcessEnv;
}): Promise<void> {
  const { directory, config, env } = options;
  const files = { ...LIBRARY, 'roadmap.yaml': ROADMAP };
  for (const [path, text] of Object.entries(files)) await write(join(directory, path), text);
  const git = (...args: readonly string[]) =>
    runGit({
      args,
      cwd: directory,
      env: isolatedEnv(env),
      settings: ['user.name=Codewalk demo', 'user.email=demo@codewalk.invalid'],
    });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--no-verify', '--message=A small library, and a roadmap for it');
  for (const path of config.sandbox?.writable ?? []) await mkdir(path, { recursive: true });
  await write(join(directory, '.codewalk', 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
