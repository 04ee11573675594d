import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, Roadmap } from '../roadmap/model.ts';
import { keepOutline, outlineNow } from './kept-outline.ts';
import type { RoadmapRead, RoadmapSource } from './ports.ts';

/** A store that has what was written, and a file that counts how often it was parsed. */
function world() {
  const meta = new Map<string, string>();
  const store = {
    getMeta: async (key: string) => meta.get(key),
    setMeta: async (key: string, value: string) => void meta.set(key, value),
  };
  const file = { title: 'First', isValid: true, parsed: 0 };
  const roadmap = (): Roadmap => ({
    initiatives: [],
    phases: [],
    plans: [{ id: 'walls', title: file.title, dependsOn: [], tasks: [] }],
    tasks: [],
  });
  const plan: Plan = { tasks: [], gates: [] };
  const source: RoadmapSource = {
    path: 'roadmap.yaml',
    stamp: async () => file.title,
    read: async (known): Promise<RoadmapRead> => {
      if (known === file.title) return { kind: 'same', hash: known };
      file.parsed += 1;
      if (!file.isValid) return { kind: 'invalid', hash: file.title, problems: [] };
      return { kind: 'valid', hash: file.title, roadmap: roadmap(), plan };
    },
  };
  const outline = async () => (await outlineNow({ source, store }))?.map(({ title }) => title);
  return { meta, store, file, roadmap, outline };
}

test('the file is parsed for its outline once for each version of it', async () => {
  const { file, outline } = world();
  assert.deepEqual(await outline(), ['First']);
  assert.deepEqual(await outline(), ['First']);
  assert.equal(file.parsed, 1);
  file.title = 'Second';
  assert.deepEqual(await outline(), ['Second']);
  assert.equal(file.parsed, 2);
});

test('it is not parsed at all when whoever brought the plan up to it has kept the outline', async () => {
  const { store, file, roadmap, outline } = world();
  await keepOutline(store, { hash: file.title, roadmap: roadmap() });
  assert.deepEqual(await outline(), ['First']);
  assert.equal(file.parsed, 0);
});

test('the outline stays while the file cannot be used, and is gone with it when what was kept is damaged', async () => {
  const { meta, file, outline } = world();
  await outline();
  for (const key of meta.keys()) meta.set(key, '{"hash":"First"');
  assert.deepEqual(await outline(), ['First']);
  file.title = 'Broken';
  file.isValid = false;
  assert.deepEqual(await outline(), ['First']);
  for (const key of meta.keys()) meta.set(key, '{"hash":"First"');
  assert.equal(await outline(), undefined);
});
