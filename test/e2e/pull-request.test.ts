import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeGitHub } from '../support/fake-github.ts';
import { plainGit } from '../support/repo.ts';
import { makeProject } from './project.ts';

test('finished work goes into a pull request, and its merge at GitHub is noticed', async (t) => {
  await using github = await FakeGitHub.start();
  const directory = mkdtempSync(join(tmpdir(), 'cw-pulls-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const script = {
    cart: [
      [{ write: 'cart.txt', text: 'cart\n' }, { result: { status: 'done', summary: 'Ask @ada about #7.' } }],
    ],
  };
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'cart', title: 'Cart', prompt: 'Make the cart' }] },
    script,
    config: {
      merge: { deliver: 'pull-request' },
      github: { repository: 'ada/shop', apiUrl: github.url, tokenEnv: 'SHOP_TOKEN' },
    },
  });
  const { repo } = project;
  const path = join(directory, 'origin.git');
  plainGit(directory, 'clone', '--quiet', '--bare', repo.root, path);
  const origin = (...args: string[]) => plainGit(path, ...args);
  github.headOf = (branch) => origin('rev-parse', branch);
  const main = repo.git('rev-parse', 'main');
  const env = { SHOP_TOKEN: github.token };

  await t.test(
    'without a remote or a token the run is done, and says what a pull request needs',
    async () => {
      const run = await project.cw(['run'], { env });
      assert.equal(run.code, 0, run.stderr);
      assert.match(
        run.stderr,
        /note: no pull request: .*no(ne| remote) called origin\. git remote add origin/,
      );
      repo.git('remote', 'add', 'origin', path);
      const deliver = await project.cw(['deliver']);
      assert.equal(deliver.code, 2);
      assert.match(deliver.stderr, /the variable SHOP_TOKEN is not set[\s\S]*export SHOP_TOKEN=/);
      assert.deepEqual(github.requests, []);
    },
  );

  await t.test('a pull request is opened with what was made, and the local branch stays', async () => {
    const deliver = await project.cw(['deliver'], { env });
    assert.equal(deliver.code, 0, deliver.stderr);
    assert.match(deliver.stdout, /^1 task waits for main in pull request #1:\n {2}cart\nhttps:/);
    const [pull] = github.pulls;
    assert.deepEqual(
      [pull?.title, pull?.head, pull?.base],
      ['Deliver 1 task: Cart', 'cw-deliver/main', 'main'],
    );
    assert.match(pull?.body ?? '', /### cart: Cart\n\nAsk @\u2060ada about #\u20607\./, 'it calls nobody');
    assert.equal(origin('show', 'cw-deliver/main:cart.txt'), 'cart');
    assert.equal(repo.git('rev-parse', 'main'), main);
    assert.match((await project.cw(['status'])).stdout, /1 task waits in pull request #1: https:/);
    const status = await project.cw(['deliver', '--status'], { env });
    assert.match(status.stdout, /^#1 of ada\/shop is open: 1 task for main\n {2}It can be merged\./);
  });

  await t.test('a merge at GitHub is a delivery', async () => {
    origin('update-ref', 'refs/heads/main', origin('rev-parse', 'cw-deliver/main'));
    github.merge(1, origin('rev-parse', 'main'));
    const status = await project.cw(['deliver', '--status', '--json'], { env });
    assert.equal(JSON.parse(status.stdout).state, 'merged');
    const [done] = await project.events('--type', 'delivery.done');
    assert.deepEqual([done?.['target'], done?.['tasks']], ['main', ['cart']]);
    assert.doesNotMatch((await project.cw(['status'])).stdout, /ahead|pull request/);
    assert.match((await project.cw(['deliver'], { env })).stdout, /nothing to deliver/);
  });

  await t.test('the token is in nothing that was written', async () => {
    const events = JSON.stringify(await project.events());
    assert.ok(!events.includes(github.token));
    assert.ok(!JSON.stringify(project.record()).includes(github.token));
    const state = join(repo.root, '.codewalk');
    for (const file of readdirSync(state, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(join(file.parentPath, file.name));
      assert.ok(!text.includes(github.token), file.name);
    }
  });
});
