import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../src/surfaces/tui/project/view.ts';
import { makeProject } from '../api/rig.ts';
import { Attempt } from '../contracts/store-kit.ts';

const ROADMAP = `version: 1
initiatives:
  - id: shop
    title: The shop
    phases:
      - id: "1"
        title: Basics
        plans:
          - id: walls
            title: Walls
            wave: 1
            tasks:
              - { id: build, title: Build, prompt: B }
              - { id: paint, title: Paint, prompt: P, depends_on: [build] }
          - { id: roof, title: Roof, wave: 2, tasks: [{ id: tiles, title: Tiles, prompt: T }] }
      - { id: "2", title: Opening, depends_on: ["1"], tasks: [{ id: open, title: Open, prompt: O }] }
tasks:
  - { id: sign, title: A sign, prompt: S }
`;

test('S3-45 a view has the tree of the roadmap with what is done, running and pending in each part', async (t) => {
  const { repo, services } = await makeProject(t);
  repo.write('roadmap.yaml', ROADMAP);
  const api = await services.api();
  await api.tasks();
  const store = await services.store();
  const build = await Attempt.start(store, 'build');
  await build.tell(build.stepStarted(1), build.stepFinished(1), build.done());
  await Attempt.start(store, 'paint');
  const view = await load(api);
  const [shop] = view.tasks.parts;
  assert.equal(shop?.title, 'The shop');
  assert.deepEqual(shop?.counts, { done: 1, running: 1, pending: 2 });
  assert.deepEqual([shop?.done, shop?.total], [1, 4]);
  const [basics, opening] = shop?.parts ?? [];
  assert.deepEqual([basics?.kind, basics?.title, basics?.done, basics?.total], ['phase', 'Basics', 1, 3]);
  assert.deepEqual(
    basics?.parts.map(({ title, counts }) => [title, counts]),
    [
      ['Walls', { done: 1, running: 1 }],
      ['Roof', { pending: 1 }],
    ],
  );
  assert.deepEqual(
    opening?.tasks.map(({ id }) => id),
    ['open'],
  );
  assert.deepEqual(
    view.tasks.tasks.map(({ id }) => id),
    ['sign'],
  );
  assert.deepEqual(view.graph.layers, [['build', 'sign'], ['paint'], ['tiles'], ['open']]);
  assert.deepEqual(view.graph.critical, ['paint', 'tiles', 'open']);
  assert.deepEqual([view.totals.done, view.totals.total], [1, 5]);
  assert.deepEqual(
    view.agents.map(({ task, state }) => [task, state]),
    [
      ['build', 'complete'],
      ['paint', 'working'],
    ],
  );
  assert.equal(view.events.at(-1)?.text, 'paint started on cw/paint');
  assert.equal(view.seq, await api.head());
});
