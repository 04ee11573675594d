import { readdir } from 'node:fs/promises';

/** More would not be read by anybody. */
const MOST = 2_000;

/** Names of what is in a directory, sorted, those of directories with a slash behind them; without git's own. */
export async function pathsIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter(({ name }) => name !== '.git')
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
    .slice(0, MOST);
}
