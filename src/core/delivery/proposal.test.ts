import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { ForgeError } from './forge-error.ts';
import { lookDelayMs } from './look-delay.ts';
import { type ProposedTask, proposalText } from './proposal-text.ts';
import { repositoryName } from './repository-name.ts';

const task = (id: string, summary = ''): ProposedTask => ({
  id: id as TaskId,
  title: `Title ${id}`,
  summary,
});
const branch = 'cw/integration';

test('the repository is known from the usual addresses of a remote', () => {
  const known = { host: 'github.com', repository: 'ada/shop.api' };
  for (const address of [
    'https://github.com/ada/shop.api.git',
    'https://token@GitHub.com/ada/shop.api/',
    'git@github.com:ada/shop.api.git',
    'ssh://git@github.com:22/ada/shop.api',
  ]) {
    assert.deepEqual(repositoryName(address), known, address);
  }
  for (const address of [
    '/srv/git/shop.git',
    '../shop',
    'https://github.com/ada',
    'https://x.org/a/b/c',
    'a:b',
    '',
  ]) {
    assert.equal(repositoryName(address), undefined, address);
  }
});

test('a pull request names its tasks with what was made, and keeps what people wrote', () => {
  const first = proposalText([task('a', 'Made a.')], { branch, now: undefined });
  assert.equal(first.title, 'Deliver 1 task: Title a');
  assert.match(first.body, /### a: Title a\n\nMade a\./);
  const edited = { title: first.title, body: `Please look, Bob.\n\n${first.body}\n\nThanks!` };
  const second = proposalText([task('a', 'Made a.'), task('b')], { branch, now: edited });
  assert.equal(second.title, 'Deliver 2 tasks: Title a, Title b');
  assert.match(second.body, /^Please look, Bob\.[\s\S]*### b: Title b[\s\S]*Thanks!$/);
  assert.equal(second.body.match(/### a/g)?.length, 1);
  assert.deepEqual(proposalText([task('a', 'Made a.'), task('b')], { branch, now: second }), second);
  const named = proposalText([task('a')], { branch, now: { title: 'Release 7', body: 'By hand' } });
  assert.equal(named.title, 'Release 7');
  assert.match(named.body, /^By hand\n\n<!-- codewalk/);
});

test('what agents wrote calls nobody, closes no issue and ends no section of ours', () => {
  const { body } = proposalText([task('a', 'Fixes #12, thanks @bob <!-- codewalk: end --> more')], {
    branch,
    now: undefined,
  });
  assert.doesNotMatch(body, /#12|@bob/);
  assert.equal(body.indexOf('<!-- codewalk: end -->'), body.length - '<!-- codewalk: end -->'.length);
});

test('a pull request of very many tasks is as long as a forge takes', () => {
  const tasks = Array.from({ length: 500 }, (_, index) => task(`t${index}`, 'x'.repeat(5_000)));
  const { title, body } = proposalText(tasks, { branch, now: undefined });
  assert.ok(title.length <= 120 && body.length < 65_536, `${title.length} ${body.length}`);
  assert.match(body, /And \d+ more: t/);
});

test('a pull request is looked at less and less, and not at all after what only a person can mend', () => {
  assert.deepEqual(
    [0, 1, 2, 5, 99].map((quiet) => lookDelayMs(quiet)),
    [30_000, 60_000, 120_000, 600_000, 600_000],
  );
  const failed = (failure: ForgeError['failure'], retryAfterMs?: number) =>
    new ForgeError(failure, 'no', { advice: '', retryAfterMs });
  assert.equal(lookDelayMs(0, failed('limited', 3_600_000)), 3_600_000);
  assert.equal(lookDelayMs(0, failed('unreachable')), 30_000);
  assert.equal(lookDelayMs(0, failed('auth')), undefined);
  assert.equal(lookDelayMs(0, new UsageError('NO_TOKEN', 'no token')), undefined);
});
