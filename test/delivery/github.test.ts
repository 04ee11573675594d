import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitHubForge } from '../../src/adapters/github/github-forge.ts';
import { ForgeError } from '../../src/core/delivery/forge-error.ts';
import type { PullRequestText } from '../../src/core/delivery/ports.ts';
import { FakeGitHub } from '../support/fake-github.ts';

const ROUTE = { head: 'cw-deliver/main', base: 'main' };
const text = (title: string) => (now: PullRequestText | undefined) => ({
  title,
  body: `${now?.body ?? ''}|${title}`,
});

function forgeAt(github: FakeGitHub, more: { token?: string; apiUrl?: string } = {}): GitHubForge {
  const { url: apiUrl, token } = github;
  const tokenEnv = 'SHOP_TOKEN';
  return new GitHubForge({
    ...{ repository: 'ada/shop', apiUrl, token, tokenEnv, version: '1', retryBaseMs: 1 },
    ...more,
  });
}

/** The error that `work` ends with; the token is in no part of what a person gets to see of it. */
async function failure(github: FakeGitHub, work: Promise<unknown>): Promise<ForgeError> {
  const error = await work.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ForgeError, String(error));
  assert.ok(!`${error.message} ${error.advice}`.includes(github.token));
  return error;
}

test('a pull request is opened once, and then updated', async () => {
  await using github = await FakeGitHub.start();
  const forge = forgeAt(github);
  const opened = await forge.propose({ ...ROUTE, text: text('One') });
  assert.deepEqual([opened.number, opened.state, opened.mergeable], [1, 'open', 'yes']);
  const updated = await forge.propose({ ...ROUTE, text: text('Two') });
  assert.deepEqual([updated.number, updated.title], [1, 'Two']);
  assert.deepEqual(
    github.pulls.map(({ body }) => body),
    ['|One|Two'],
  );
  assert.equal(opened.url, 'https://github.com/ada/shop/pull/1');
  const before = github.requests.length;
  await forge.propose({ ...ROUTE, text: (now) => now ?? { title: '', body: '' } });
  assert.equal(github.requests.length, before + 1, 'what says so already is not written');
});

test('a pull request whose answer was lost is found again, not opened twice', async () => {
  await using github = await FakeGitHub.start();
  github.faults.push({ on: /^POST/, status: 502, afterwards: true });
  const pull = await forgeAt(github).propose({ ...ROUTE, text: text('One') });
  assert.deepEqual([pull.number, github.pulls.length], [1, 1]);
  assert.equal(pull.title, 'One');
});

test('one that somebody opened meanwhile is taken over', async () => {
  await using github = await FakeGitHub.start();
  const other = forgeAt(github);
  await other.propose({ ...ROUTE, text: text('Mine') });
  // It was not there when it was looked for.
  github.faults.push({ on: /^GET/, status: 200 });
  const list = github.faults[0];
  assert.ok(list !== undefined);
  Object.assign(list, { status: 502 });
  const pull = await other.propose({ ...ROUTE, text: text('Ours') });
  assert.deepEqual([pull.number, github.pulls.length], [1, 1]);
});

test('requests that GitHub wants later are made later, and server errors are tried again', async () => {
  await using github = await FakeGitHub.start();
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes.';
  github.faults.push({ on: /^GET/, status: 403, message, headers: { 'retry-after': '1' } });
  github.faults.push({ on: /^POST/, status: 502 });
  const pull = await forgeAt(github).propose({ ...ROUTE, text: text('One') });
  assert.deepEqual([pull.number, github.pulls.length], [1, 1]);
});

test('a limit that does not end says so, with the time that GitHub names', async () => {
  await using github = await FakeGitHub.start();
  const headers = { 'retry-after': '3600' };
  github.faults.push({ on: /./, status: 403, message: 'secondary rate limit', headers });
  const error = await failure(github, forgeAt(github).read(1));
  assert.deepEqual([error.code, error.passes, error.retryAfterMs], ['FORGE_LIMITED', true, 3_600_000]);
  assert.equal(github.requests.length, 1, 'it is not waited for an hour');
});

test('a token that is not known ends it at once', async () => {
  await using github = await FakeGitHub.start();
  const error = await failure(
    github,
    forgeAt(github, { token: 'wrong' }).propose({ ...ROUTE, text: text('One') }),
  );
  assert.deepEqual([error.code, error.passes], ['FORGE_AUTH', false]);
  assert.match(error.advice ?? '', /SHOP_TOKEN/);
  assert.equal(github.requests.length, 1);
});

test('each refusal is told by what a person can do about it', async () => {
  await using github = await FakeGitHub.start();
  const forge = forgeAt(github);
  const answers = [
    [403, 'Resource not accessible by personal access token', 'FORGE_FORBIDDEN', /SHOP_TOKEN needs to write/],
    [404, 'Not Found', 'FORGE_MISSING', /github\.repository owner\/name/],
    [422, 'No commits between main and x', 'FORGE_REFUSED', /branches and the rules/],
  ] as const;
  for (const [status, message, code, advice] of answers) {
    github.faults.push({ on: /./, status, message });
    const before = github.requests.length;
    const error = await failure(github, forge.read(1));
    assert.deepEqual([error.code, error.passes], [code, false]);
    assert.match(error.advice ?? '', advice);
    assert.equal(github.requests.length, before + 1);
  }
});

test('a GitHub that does not answer is unreachable, which may pass', async () => {
  const github = await FakeGitHub.start();
  const forge = forgeAt(github);
  await github[Symbol.asyncDispose]();
  const error = await failure(github, forge.read(1));
  assert.deepEqual([error.code, error.passes], ['FORGE_UNREACHABLE', true]);
});
