import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject } from './rig.ts';

/** Asks two things at once; told that it decides by itself, it does. */
const AGENT = `
prompt=$(cat)
case "$CW_ROLE $prompt" in
  orchestrator*) echo '{"status":"done","answers":[{"id":"a/size","answer":"big"},{"id":"a/colour","leave":"a matter of taste"}]}' ;;
  *"Nobody will answer this (either is fine)"*) echo red > "$CW_TASK_ID.txt"; echo '{"status":"done","summary":"chose red"}' ;;
  *) echo '{"status":"questions","questions":[{"id":"colour","question":"Which colour?","options":["red","blue"]},{"id":"size","question":"How big?"}]}' ;;
esac
`;
const ROADMAP = 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: do a\n';

test('S2-40 S2-42 the inbox tells who answers what, and a question that nobody will answer is withdrawn', async (t) => {
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: AGENT });
  const first = await cw(['run']);
  assert.equal(first.code, 3, first.stdout + first.stderr);
  assert.match(first.stdout, /\? a asks: Which colour\? \[1\] red \[2\] blue\n +cw inbox answer a/);
  await cw(['message', 'send', 'a', 'Hello']);
  const inbox = await cw(['inbox']);
  assert.match(
    inbox.stdout,
    /^a {2}question colour, \d+s ago\n {2}Which colour\?\n {2}\[1\] red\n {2}\[2\] blue\n {2}the orchestrator agent leaves it to you: a matter of taste\n {4}cw inbox answer a "…"\n$/,
  );
  assert.match(
    (await cw(['inbox', 'read', 'a'])).stdout,
    /question size, .*\n {2}How big\?\n {2}answered by orchestrator: big/,
  );
  const withdrawn = await cw(['inbox', 'withdraw', 'a', '--reason', 'either is fine']);
  assert.equal(withdrawn.stdout, 'a decides by itself. It goes on with: cw run\n');
  assert.equal((await cw(['inbox'])).stdout, 'Nothing waits for you.\n');
  assert.equal((await cw(['run'])).code, 0);
  const all = JSON.parse((await cw(['inbox', '--all', '--json'])).stdout);
  assert.deepEqual(
    all.map((entry: Record<string, unknown>) => [entry['type'], entry['id'], entry['state'], entry['note']]),
    [
      ['question', 'colour', 'withdrawn', 'either is fine'],
      ['question', 'size', 'answered', null],
    ],
  );
  const nothing = await cw(['inbox', 'withdraw', 'a']);
  assert.deepEqual([nothing.code, nothing.stdout], [1, '']);
  assert.match(nothing.stderr, /a has no open question/);
});

test('what agents write to a person is in the inbox until it is read', async (t) => {
  const { cw } = await makeProject(t, {
    roadmap: ROADMAP,
    agent: `cat > /dev/null; cw tell person "The old names stay." > /dev/null; echo x > x.txt; echo '{"status":"done","summary":"did it"}'`,
  });
  assert.equal((await cw(['run'])).code, 0);
  const [entry] = JSON.parse((await cw(['inbox', '--json'])).stdout);
  assert.deepEqual([entry.type, entry.from, entry.text], ['message', 'task:a', 'The old names stay.']);
  assert.match((await cw(['inbox'])).stdout, /^task:a → person .*unread\n {2}The old names stay\./);
  assert.match((await cw(['inbox', 'read', entry.id])).stdout, /The old names stay\./);
  assert.equal((await cw(['inbox'])).stdout, 'Nothing waits for you.\n');
});

test('a roadmap that takes most of its tasks away waits in the inbox', async (t) => {
  const { repo, cw } = await makeProject(t, {
    roadmap: `${ROADMAP}  - id: b\n    title: B\n    prompt: do b\n  - id: c\n    title: C\n    prompt: do c\n`,
    agent: AGENT,
  });
  assert.equal((await cw(['task', 'list'])).code, 0);
  repo.write('roadmap.yaml', ROADMAP);
  const inbox = await cw(['inbox']);
  assert.match(
    inbox.stdout,
    /^roadmap\n {2}its file takes 2 of 3 open tasks away: b, c\n +cw roadmap diff {3}cw roadmap confirm\n$/,
  );
});
