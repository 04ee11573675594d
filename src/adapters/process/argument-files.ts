import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchSpec } from '../../core/agents/ports.ts';
import { processTable } from './process-table.ts';

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
  const directory = await privateDirectory();
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

/** Makes a directory for this user and this process only. When the process died, `removeStaleFiles` finds it. */
export async function privateDirectory(parent: string = tmpdir()): Promise<string> {
  return await mkdtemp(join(parent, `${prefixOf(process.pid)}-`));
}

/** Tells a directory's owner from a later process with the same pid, and from one of another boot. */
function prefixOf(pid: number): string | undefined {
  const table = processTable();
  const row = table.row(pid);
  if (row === undefined || row.zombie) return undefined;
  const owner = createHash('sha256').update(`${table.bootId} ${row.startTime}`).digest('hex').slice(0, 12);
  return `cw-args-${bootOf(table.bootId)}-${pid}-${owner}`;
}

function bootOf(bootId: string): string {
  return createHash('sha256').update(bootId).digest('hex').slice(0, 8);
}

/**
 * Removes the directories of processes that died: they may hold keys. Those of another boot, or of another pid
 * namespace that shares the directory, cannot be judged and stay. Returns how many were removed.
 */
export async function removeStaleFiles(directory: string = tmpdir()): Promise<number> {
  const boot = bootOf(processTable().bootId);
  const stale = (await readdir(directory).catch(() => [])).filter((name) => {
    const [prefix, itsBoot, pid] = /^cw-args-(\w{8})-(\d+)-\w{12}(?=-)/.exec(name) ?? [];
    return itsBoot === boot && prefix !== prefixOf(Number(pid));
  });
  // Another user's cannot be removed, nor is it ours to.
  const removals = stale.map((name) => rm(join(directory, name), { recursive: true }));
  return (await Promise.allSettled(removals)).filter(({ status }) => status === 'fulfilled').length;
}
