import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from './rig.ts';

const ROADMAP = `# The plan
tasks:
  - id: api # first
    title: "API"
  - id: page
    title: Page
    depends_on: [api]
`;

test('S2-52 what a command writes into the roadmap is the plan at once, and never read back as an edit', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  assert.equal((await cw(['status'])).code, 0);
  const file = join(repo.root, 'roadmap.yaml');
  const text = () => readFileSync(file, 'utf8');
  const edited = await cw(['task', 'edit', 'api', '--priority', 'high', '-f', 'src/api.ts']);
  assert.equal(edited.code, 0, edited.stderr);
  assert.match(edited.stdout, /^\+ {4}files: \[src\/api\.ts\]\n\+ {4}priority: high\n/m);
  const changed = ROADMAP.replace('"API"\n', '"API"\n    files: [src/api.ts]\n    priority: high\n');
  assert.equal(text(), changed);
  assert.equal((await cw(['task', 'rename', 'api', 'core'])).code, 0);
  assert.equal((await cw(['task', 'list'])).code, 0);
  const events = (await cw(['events', '--json', '--type', 'roadmap.synced'])).stdout.trim().split('\n');
  assert.deepEqual(
    events.map((line) => JSON.parse(line).reason),
    ['command', 'write-back', 'write-back'],
  );

  // A rename is taken back as one, so that the task stays the same.
  assert.equal((await cw(['roadmap', 'undo'])).code, 0);
  assert.equal(text(), changed.replace('# first\n', '# first\n    was: core\n'));
});

test('cw roadmap undo brings back what was before, unless somebody has changed the file since', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  const file = join(repo.root, 'roadmap.yaml');
  assert.equal((await cw(['roadmap', 'undo'])).code, 2);
  const refused = await cw(['task', 'remove', 'api']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /"page" depends on "api".*\n.*--unlink/);
  const planned = await cw(['task', 'remove', 'api', '--unlink', '--dry-run', '--json']);
  assert.equal(readFileSync(file, 'utf8'), ROADMAP);
  const done = await cw(['task', 'remove', 'api', '--unlink', '--json']);
  assert.equal(JSON.parse(done.stdout).diff, JSON.parse(planned.stdout).diff);
  assert.equal(readFileSync(file, 'utf8'), '# The plan\ntasks:\n  - id: page\n    title: Page\n');
  assert.equal((await cw(['roadmap', 'undo'])).code, 0);
  assert.equal(readFileSync(file, 'utf8'), ROADMAP);

  await cw(['task', 'edit', 'page', '--title', 'Other']);
  writeFileSync(file, `${readFileSync(file, 'utf8')}# mine\n`);
  const late = await cw(['roadmap', 'undo']);
  assert.equal(late.code, 2);
  const kept = /roadmap-history\/\d+\.yaml/.exec(late.stderr)?.[0] ?? '';
  assert.equal(readFileSync(join(repo.root, '.codewalk/state', kept), 'utf8'), ROADMAP);
  assert.match(readFileSync(file, 'utf8'), /title: Other\n(?:.*\n)*# mine\n$/);
});

test('a person writes on the prompt of a task in their editor', async (t) => {
  const { repo, cw, home } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  repo.write('editor.sh', 'echo "Second line" >> "$1"\n', home);
  const env = { EDITOR: `sh ${join(home, 'editor.sh')}` };
  const edited = await cw(['task', 'edit', 'page', '--editor'], { env });
  assert.equal(edited.code, 0, edited.stderr);
  assert.match(
    readFileSync(join(repo.root, 'roadmap.yaml'), 'utf8'),
    /prompt: \|-\n {6}Page\n {6}Second line\n/,
  );
  const failed = await cw(['task', 'edit', 'page', '--editor'], { env: { EDITOR: 'false' } });
  assert.match(failed.stderr, /The editor false did not do it: it ended with 1/);
});

test('every key that a task of the roadmap may have can be said by the command line, and taken out again', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  const file = join(repo.root, 'roadmap.yaml');
  const text = () => readFileSync(file, 'utf8');
  const options = [
    ...['--workflow', 'standard', '--exit-criteria', 'it works', '--approve', '--on-failure', 'soft'],
    ...[
      '--timeout',
      '30m',
      '--max-attempts',
      '2',
      '--budget-usd',
      '1.5',
      '--domain',
      'shop',
      '--notes',
      'Soon',
    ],
    ...['--priority', '900', '--set', 'owner=ada', 'estimate-hours=2.5', 'description=a=b', 'kpi=["x"]'],
  ];
  const wanted = [
    ...[
      'workflow: standard',
      'exit_criteria: [it works]',
      'approve: true',
      'on_failure: soft',
      'timeout: 30m',
    ],
    ...['max_attempts: 2', 'usd: 1.5', 'domain: shop', 'notes: Soon', 'priority: 900', 'owner: ada'],
    ...['estimate_hours: 2.5', 'description: a=b', 'kpi: [x]'],
  ];
  const added = await cw(['task', 'add', 'Cart', '--id', 'cart', ...options]);
  assert.equal(added.code, 0, added.stderr);
  const edited = await cw(['task', 'edit', 'page', ...options]);
  assert.equal(edited.code, 0, edited.stderr);
  for (const line of wanted) assert.equal(text().split(line).length, 3, `${line}\n${text()}`);
  assert.equal((await cw(['task', 'edit', 'page', '--no-approve'])).code, 0);
  assert.match(text(), /approve: false/);
  const keys = [
    'approve',
    'estimate_hours',
    'max-attempts',
    'domain',
    'owner',
    'kpi',
    'notes',
    'description',
  ];
  assert.equal((await cw(['task', 'edit', 'page', '--clear', ...keys])).code, 0);
  for (const key of keys) assert.equal(text().split(`${key.replace('-', '_')}:`).length, 2, key);

  for (const [option, said] of [
    ['owner', /--set takes key=value, not "owner"/],
    ['onwer=ada', /"onwer" cannot be set in a task\n.*did you mean owner\?/],
    ['id=x', /"id" cannot be set in a task/],
  ] as const) {
    const refused = await cw(['task', 'edit', 'page', '--set', option]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, said);
  }
});
