import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from './rig.ts';

const BEFORE = `tasks:
  - { id: one, title: One, prompt: Do one }
  - { id: two, title: Two, prompt: Do two }
  - { id: three, title: Three, prompt: Do three }
  - { id: four, title: Four, prompt: Do four }
`;
const AFTER = `tasks:
  - { id: one, title: One, prompt: Do one well }
  - { id: second, was: two, title: Two, prompt: Do two }
  - { id: three, title: Three, prompt: Do three, depends_on: one }
  - { id: five, title: Five, prompt: Do five }
`;

test('S0-14 cw roadmap diff names each task with what happens to it, of a draft elsewhere too', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: BEFORE, agent: SCRIPTED_AGENT });
  assert.match((await cw(['roadmap', 'sync'])).stdout, /4 tasks changed/);
  repo.write('draft.yaml', AFTER);
  const shown = await cw(['roadmap', 'diff', 'draft.yaml']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.deepEqual(shown.stdout.split('\n'), [
    '  ~ one  One (waiting): takes effect',
    '      prompt: "Do one" → "Do one well"',
    '  ~ two → second  Two (waiting): takes effect',
    '  ~ three  Three (waiting): takes effect',
    '      depends_on: (nothing) → "one"',
    '  + five  Five (new)',
    '  - four  Four (waiting): leaves the plan',
    '',
    '5 tasks would change, 1 stays as it is.',
    '',
  ]);
  assert.equal((await cw(['roadmap', 'diff'])).stdout, 'Nothing would change.\n');

  repo.write('roadmap.yaml', AFTER);
  const { tasks, held } = JSON.parse((await cw(['roadmap', 'sync', '--json'])).stdout);
  assert.equal(held, null);
  assert.deepEqual(
    tasks.map(({ kind, id, effects }: { kind: string; id: string; effects: string[] }) => [
      kind,
      id,
      ...effects,
    ]),
    [
      ['changed', 'one', 'applies'],
      ['renamed', 'second', 'applies'],
      ['changed', 'three', 'applies'],
      ['added', 'five', 'applies'],
      ['removed', 'four', 'archived'],
    ],
  );
  assert.equal((await cw(['roadmap', 'diff'])).stdout, 'Nothing would change.\n');
});

test('S0-55 a file that loses most open tasks waits for cw roadmap confirm', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: BEFORE, agent: SCRIPTED_AGENT });
  await cw(['roadmap', 'sync']);
  repo.write('roadmap.yaml', 'tasks: [{ id: four, title: Four, prompt: Do four }]\n');
  const refused = await cw(['roadmap', 'sync']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /takes away 3 of 4 open tasks/);
  assert.match(refused.stderr, /cw roadmap confirm/);
  const status = await cw(['status']);
  assert.match(status.stderr, /takes away 3 of 4 open tasks/);
  assert.match(status.stdout, /0 of 4 tasks done/);
  assert.match((await cw(['roadmap', 'diff'])).stdout, /nothing of it happens until you confirm it/);

  const confirmed = await cw(['roadmap', 'confirm', '--json']);
  assert.equal(confirmed.code, 0, confirmed.stderr);
  assert.equal(JSON.parse(confirmed.stdout).tasks.length, 3);
  assert.match((await cw(['status'])).stdout, /0 of 1 task done/);
  assert.match((await cw(['events'])).stdout, /roadmap\.yaml confirmed by person/);
});
