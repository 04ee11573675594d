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
