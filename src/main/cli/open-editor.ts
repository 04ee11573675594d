import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';

/**
 * Lets a person change a text in the editor of their environment (`VISUAL`, else `EDITOR`, else `vi`), and returns
 * what they left; `name` tells the editor what kind of file it is. Throws `UsageError` `EDITOR_FAILED` when it cannot be started or does not end well.
 */
export async function textFromEditor(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  name = 'prompt.md',
): Promise<string> {
  const line = env['VISUAL'] || env['EDITOR'] || 'vi';
  const [program = 'vi', ...args] = line.split(/\s+/).filter((word) => word !== '');
  const directory = await mkdtemp(join(tmpdir(), 'cw-prompt-'));
  try {
    const file = join(directory, name);
    await writeFile(file, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
    const child = spawn(program, [...args, file], { stdio: 'inherit' });
    const [code] = (await once(child, 'close').catch((error: unknown) => [error])) as [unknown];
    if (code !== 0) {
      const how = code instanceof Error ? code.message : `it ended with ${code ?? 'a signal'}`;
      throw new UsageError('EDITOR_FAILED', `The editor ${program} did not do it: ${how}.`, {
        advice: 'Nothing was changed. Name another one with EDITOR.',
      });
    }
    return await readFile(file, 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
