import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitError } from './git-error.ts';
import { isContended, remoteFailed } from './remote-failure.ts';

const failed = (stderr: string) =>
  remoteFailed('origin', 'pushing', new GitError('GIT_FAILED', { verb: 'push', exitCode: 128, stderr }));

/** What git 2.39 and the servers behind it print. */
const SAID = {
  unreachable: [
    "fatal: unable to access 'https://example.com/a.git/': Could not resolve host: example.com",
    'ssh: connect to host example.com port 22: Connection refused\nfatal: Could not read from remote repository.',
    'fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused',
    'fatal: the remote end hung up unexpectedly',
    'error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502',
    'fatal: something that nobody has seen yet',
  ],
  auth: [
    "remote: Invalid username or password.\nfatal: Authentication failed for 'https://example.com/a.git/'",
    "fatal: could not read Username for 'https://example.com': terminal prompts disabled",
    'git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
    'Host key verification failed.\nfatal: Could not read from remote repository.',
    'remote: Permission to a/b.git denied to c.\nfatal: unable to access: The requested URL returned error: 403',
    "fatal: detected dubious ownership in repository at '/srv/a.git'",
  ],
  missing: [
    "fatal: '/srv/none.git' does not appear to be a git repository",
    'remote: Repository not found.\nfatal: repository https://example.com/a.git/ not found',
  ],
  declined: [
    '!\tx:refs/heads/main\t[remote rejected] (pre-receive hook declined)',
    '!\tx:refs/heads/main\t[remote rejected] (protected branch hook declined)',
    'remote: error: GH006: Protected branch update failed for refs/heads/main.',
  ],
  limited: ['remote: API rate limit exceeded\nfatal: The requested URL returned error: 429'],
  incompatible: [
    'fatal: mismatched algorithms: client sha1; server sha256',
    "fatal: transport 'ext' not allowed",
  ],
} as const;

for (const [failure, texts] of Object.entries(SAID)) {
  test(`a remote that is ${failure} is known by what it says`, () => {
    for (const text of texts) assert.equal(failed(text).failure, failure, text);
  });
}

test('only what time may mend is tried again by itself, and all of it says what to do', () => {
  const passes = Object.entries(SAID).filter(([, [text]]) => failed(text).passes);
  assert.deepEqual(
    passes.map(([failure]) => failure),
    ['unreachable', 'limited'],
  );
  for (const [, [text]] of Object.entries(SAID)) assert.match(failed(text).advice ?? '', /origin/);
});

test('no password or token of an address is shown', () => {
  const { message } = failed(
    "fatal: unable to access 'https://me:s3cret@example.com/a.git/': Could not resolve host",
  );
  assert.match(message, /https:\/\/…@example\.com/);
  assert.doesNotMatch(message, /s3cret/);
});

test('a ref that somebody else moved or holds is no failure of the remote', () => {
  for (const text of [
    '!\tx:refs/heads/a\t[rejected] (stale info)',
    '!\tx:refs/heads/a\t[remote rejected] (failed to update ref)',
    "!\tx:refs/heads/a\t[remote rejected] (cannot lock ref 'refs/heads/a': is at 1 but expected 2)",
    '!\tx:refs/heads/a\t[rejected] (atomic push failed)\n!\tx:refs/heads/b\t[rejected] (stale info)',
  ]) {
    assert.equal(isContended(text), true, text);
  }
  assert.equal(isContended(SAID.declined[0]), false);
});
