import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A home and a project directory of their own, with these config files in them; text is written as it is. */
export async function configPlaces(
  t: TestContext,
  files: { readonly global?: object | string; readonly project?: object | string } = {},
): Promise<{ home: string; root: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-config-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const places = { home: join(directory, 'home'), root: join(directory, 'project') };
  for (const [place, content] of [
    [places.home, files.global],
    [places.root, files.project],
  ] as const) {
    await mkdir(place);
    if (content === undefined) continue;
    await mkdir(join(place, '.codewalk'));
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(place, '.codewalk', 'config.json'), text);
  }
  return places;
}
