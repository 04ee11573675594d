import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject } from './project.ts';

const ROADMAP = {
  version: 1,
  tasks: [
    { id: 'cart', title: 'Cart', prompt: 'Make the cart', approve: true },
    { id: 'docs', title: 'Docs', prompt: 'Describe it', depends_on: ['cart'] },
  ],
};

test('S2-40 work waits for approval, goes back with comments, and is merged when it is approved', async (t) => {
  const done = (summary: string) => ({ result: { status: 'done', summary } });
  await using project = await makeProject({
    roadmap: ROADMAP,
    script: {
      cart: [
        [{ write: 'cart.txt', text: 'floats\n' }, done('A cart with prices.')],
        [{ write: 'cart.txt', text: 'cents\n' }, done('Prices are cents now.')],
      ],
    },
  });
  const run = async (code: number) => {
    const result = await project.cw(['run']);
    assert.equal(result.code, code, result.stderr + result.stdout);
    return result.stdout;
  };
  const said = await run(3);
  assert.match(said, /cart waits for your approval\n +cw task diff cart {3}cw task approve cart/);
  const [asked] = JSON.parse((await project.cw(['inbox', '--json'])).stdout);
  assert.deepEqual([asked.id, asked.kind], ['approve-1', 'approval']);
  assert.match(asked.question, /A cart with prices\.\n\n1 file, \+1 -0, at [0-9a-f]{7}\n- cart\.txt \(added/);
  assert.equal(
    (await project.cw(['task', 'diff', 'cart', '--stat'])).stdout,
    'A cart.txt      +1     -0\n1 file, +1 -0\n',
  );
  assert.equal(project.repo.git('log', '--oneline', 'main..cw/integration'), '', 'nothing is merged');

  await t.test('a comment goes with the rejection, once', async () => {
    const comment = await project.cw([
      'task',
      'comment',
      'cart',
      '--file',
      'cart.txt',
      '--line',
      '1',
      'No floats',
    ]);
    assert.match(comment.stdout, /Its agent reads it when you send the work back/);
    const shown = await project.cw(['task', 'show', 'cart']);
    assert.match(shown.stdout, /cart\.txt:1, unread\n {2}No floats/);
    assert.match((await project.cw(['task', 'reject', 'cart', 'Use cents'])).stdout, /Sent cart back/);
    await run(3);
    const [, second] = project.starts('cart');
    assert.equal(second?.session, project.starts('cart')[0]?.session);
    assert.match(second?.prompt ?? '', /Use cents/);
    assert.match(second?.prompt ?? '', /cart\.txt:1[\s\S]*No floats/);
    assert.match((await project.cw(['task', 'show', 'cart'])).stdout, /cart\.txt:1, read by task:cart/);
  });

  await t.test('only the work that waits is approved, and then merged', async () => {
    const old = await project.cw(['task', 'approve', 'cart', '--commit', asked.commit]);
    assert.equal(old.code, 1);
    assert.match(old.stderr, /the work of cart that waits is [0-9a-f]{7}, not/);
    assert.match(
      (await project.cw(['task', 'approve', 'cart', '--comment', 'good'])).stdout,
      /Approved cart\. It goes on with: cw run/,
    );
    await run(0);
    assert.equal(project.starts('cart').length, 2);
    assert.equal(project.repo.git('show', 'cw/integration:cart.txt'), 'cents');
    const late = await project.cw(['task', 'comment', 'cart', 'One more thing']);
    assert.deepEqual([late.code, late.stdout], [2, '']);
    assert.match(late.stderr, /cart is done[\s\S]*cw task add "…" --depends-on cart/);
    assert.match((await project.cw(['task', 'reject', 'cart', 'no'])).stderr, /cart is done and merged/);
  });
});

test('no new task begins while as many wait for an approval as the config allows, and the run says so', async () => {
  const task = (id: string) => ({ id, title: id, prompt: `Make ${id}`, approve: true });
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ['a', 'b', 'c'].map(task) },
    config: { review: { maxWaiting: 1 }, maxAgents: 1 },
  });
  const held = await project.cw(['run']);
  assert.equal(held.code, 3, held.stderr);
  const line = /! 2 tasks do not begin: 1 waits for your approval, and review\.maxWaiting is 1\.\n +cw inbox/;
  assert.match(held.stdout, line);
  const status = await project.cw(['status']);
  assert.match(status.stdout, line);
  assert.deepEqual(JSON.parse((await project.cw(['status', '--json'])).stdout).review, {
    waiting: 1,
    maxWaiting: 1,
  });
  await project.cw(['task', 'approve', 'a']);
  assert.equal((await project.cw(['run'])).code, 3);
  const states = Object.values(await project.tasks()).map(({ state }) => state);
  assert.deepEqual(states, ['done', 'waiting_input', 'pending']);
});
