import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from './rig.ts';

const ROADMAP = 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: do a\n';

test('S2-41 a message is sent, listed and kept', async (t) => {
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  assert.equal((await cw(['message'])).stdout, 'Nothing was written yet.\n');
  assert.equal((await cw(['task', 'list'])).code, 0);
  const sent = await cw(['message', 'send', 'a', 'Keep the old names', '--file', 'a.txt', '--line', '3']);
  assert.match(sent.stdout, /^Sent msg_\w{12} to task:a\.\n$/);
  const again = await cw(['message', 'send', 'everyone', '-', '--json'], { input: 'The port\nis 4000.\n' });
  const { id, to, text } = JSON.parse(again.stdout);
  assert.deepEqual([to, text], ['everyone', 'The port\nis 4000.']);
  assert.match(
    (await cw(['message', 'list'])).stdout,
    /^person → task:a {2}msg_\w+, \d+s ago, a\.txt:3, unread\n {2}Keep the old names\n\nperson → everyone .*\n {2}The port\n {2}is 4000\.\n$/,
  );
  const listed = JSON.parse((await cw(['message', 'list', '--of', 'person', '-n', '1', '--json'])).stdout);
  assert.deepEqual(
    listed.map((message: { id: string; readBy: unknown[] }) => [message.id, message.readBy]),
    [[id, []]],
  );
});

test('the words of agents for messages do for a person what the words of people do', async (t) => {
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  assert.equal((await cw(['messages'])).stdout, 'Nothing was written yet.\n');
  assert.equal((await cw(['task', 'list'])).code, 0);
  assert.match((await cw(['tell', 'a', 'Keep the old names'])).stdout, /^Sent msg_\w{12} to task:a\.\n$/);
  const [short, long] = [await cw(['messages', '--json']), await cw(['message', 'list', '--json'])];
  assert.deepEqual([short.code, short.stdout], [0, long.stdout]);
  assert.equal(JSON.parse(short.stdout).length, 1);
});

test('a message to nobody is refused with what to do', async (t) => {
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  const nobody = await cw(['message', 'send', 'nobody', 'Hello']);
  assert.deepEqual([nobody.code, nobody.stdout], [2, '']);
  assert.match(nobody.stderr, /there is no task "nobody".*cw task list/s);
});
