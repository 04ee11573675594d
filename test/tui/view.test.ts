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
  const { parts } = view.tree.shape;
  const ofParts = parts.map(({ kind, title, inner }, number) => {
    const { counts, done, total } = view.tree.progress[number] ?? {};
    return [kind, title, inner, counts, `${done}/${total}`];
  });
  assert.deepEqual(ofParts, [
    ['initiative', 'The shop', [1, 4], { done: 1, running: 1, pending: 2 }, '1/4'],
    ['phase', 'Basics', [2, 3], { done: 1, running: 1, pending: 1 }, '1/3'],
    ['plan', 'Walls', [], { done: 1, running: 1 }, '1/2'],
    ['plan', 'Roof', [], { pending: 1 }, '0/1'],
    ['phase', 'Opening', [], { pending: 1 }, '0/1'],
  ]);
  const listed = Array.from(view.tree.shape.rows, (row) =>
    row < 0 ? parts[~row]?.id : view.tasks.at(row)?.id,
  );
  assert.deepEqual(listed, ['shop', '1', 'walls', 'build', 'paint', 'roof', 'tiles', '2', 'open', 'sign']);
  const graph = view.graph();
  assert.deepEqual(
    [...graph.order].map((place) => [
      view.tasks.at(place)?.id,
      view.tasks.at(graph.parent[place] ?? -1)?.id,
      graph.isCritical[place] === 1,
    ]),
    [
      ['paint', undefined, true],
      ['tiles', 'paint', true],
      ['open', 'tiles', true],
      ['sign', undefined, false],
    ],
  );
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
