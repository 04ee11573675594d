import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchSpec } from '../../core/agents/ports.ts';

export interface ArgumentFiles {
  /** The arguments with paths where files were asked for. */
  readonly args: readonly string[];
  /** Where they are; absent when there are none. */
  readonly directory?: string;
  remove(): Promise<void>;
}

/**
 * Writes the arguments that are files, for nobody but us to read: they may hold keys. Throws the system's error, for
 * example when the disk is full.
 */
export async function writeFiles(args: LaunchSpec['args']): Promise<ArgumentFiles> {
  const plain = args.filter((arg) => typeof arg === 'string');
  if (plain.length === args.length) return { args: plain, async remove() {} };
  const directory = await mkdtemp(join(tmpdir(), 'cw-args-'));
  const remove = () => rm(directory, { recursive: true, force: true }).catch(() => {});
  const write = async (arg: LaunchSpec['args'][number]) => {
    if (typeof arg === 'string') return arg;
    const path = join(directory, arg.name);
    await writeFile(path, arg.content, { mode: arg.executable === true ? 0o700 : 0o600, flag: 'wx' });
    return path;
  };
  try {
    return { args: await Promise.all(args.map(write)), directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
