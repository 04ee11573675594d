import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitProposalBranch } from '../../src/adapters/git/proposal-branch.ts';
import { GitRemote } from '../../src/adapters/git/remote.ts';
import { readRemote } from '../../src/adapters/git/remote-settings.ts';
import { GitHubForge } from '../../src/adapters/github/github-forge.ts';
import { openStore } from '../../src/adapters/store/open.ts';
import { look, type ProposalParts, propose } from '../../src/core/delivery/propose.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { INTEGRATION, makeRig, message, type Rig } from '../git/rig.ts';
import { FakeGitHub } from '../support/fake-github.ts';
import { plainGit } from '../support/repo.ts';

const ROUTE = { branch: INTEGRATION, target: 'main' };
const NAME = 'cw-deliver/main';

interface World extends AsyncDisposable {
  readonly rig: Rig;
  readonly github: FakeGitHub;
  readonly parts: ProposalParts;
  readonly store: Store;
  /** Plain git in the repository that GitHub has. */
  origin(...args: string[]): string;
  /** A task writes files and is merged into the integration branch. */
  done(task: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Somebody commits to a branch at GitHub. */
  pushedBy(branch: string, files: Readonly<Record<string, string>>): string;
  events(): Promise<readonly string[]>;
}

async function makeWorld(): Promise<World> {
  const scope = new AsyncDisposableStack();
  const rig = scope.use(await makeRig({ files: { 'a.txt': '1\n2\n3\n4\n5\n' } }));
  const github = scope.use(await FakeGitHub.start());
  const directory = mkdtempSync(join(tmpdir(), 'cw-propose-'));
  scope.defer(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'origin.git');
  plainGit(directory, 'clone', '--quiet', '--bare', rig.repo.root, path);
  rig.repo.git('remote', 'add', 'origin', path);
  const clone = join(directory, 'ada');
  plainGit(directory, 'clone', '--quiet', path, clone);
  plainGit(clone, 'config', 'user.name', 'Ada');
  plainGit(clone, 'config', 'user.email', 'ada@example.com');
  const origin = (...args: string[]) => plainGit(path, ...args);
  github.headOf = (branch) => origin('rev-parse', branch);
  const url = `sqlite:${join(directory, 'state.db')}`;
  const store = scope.use(await openStore({ url, project: 'test', version: '0' }));
  const remote = new GitRemote(rig.repository, await readRemote(rig.repository.facts, 'origin', process.env));
  const forge = new GitHubForge({
    ...{ repository: 'ada/shop', apiUrl: github.url, token: github.token, tokenEnv: 'T', version: '1' },
    retryBaseMs: 1,
  });
  const parts = { store, forge, branches: new GitProposalBranch(rig.repository, remote) };
  return {
    ...{ rig, github, parts, store, origin },
    async done(task, files) {
      const onto = await rig.head();
      const { workspace, head } = await rig.work(task, files);
      const request = { onto, head, base: workspace.base, message: message(task, `Merge ${task}`) };
      const merged = await rig.integration.merge({ strategy: 'merge', ...request });
      assert.ok(merged.kind === 'merged');
      await rig.integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: task });
    },
    pushedBy(branch, files) {
      plainGit(clone, 'fetch', '--quiet', 'origin');
      plainGit(clone, 'checkout', '--quiet', '-B', 'work', `origin/${branch}`);
      for (const [file, text] of Object.entries(files)) rig.repo.write(file, text, clone);
      plainGit(clone, 'add', '-A');
      plainGit(clone, 'commit', '--quiet', '-m', `By hand on ${branch}`);
      plainGit(clone, 'push', '--quiet', 'origin', `work:${branch}`);
      return plainGit(clone, 'rev-parse', 'work');
    },
    events: async () => (await store.events(0)).map(({ type }) => type),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

test('the integration branch is pushed under a name of its own and proposed once, however often', async () => {
  await using world = await makeWorld();
  assert.deepEqual(await propose(world.parts, ROUTE), { kind: 'nothing', pull: undefined });
  await world.done('t1', { 'b.txt': 'b\n' });
  const first = await propose(world.parts, ROUTE);
  assert.deepEqual(first.kind === 'proposed' && [first.pull.number, first.tasks], [1, ['t1']]);
  assert.equal(world.origin('rev-parse', NAME), await world.rig.head());
  assert.equal((await propose(world.parts, ROUTE)).kind, 'proposed');
  await world.done('t2', { 'c.txt': 'c\n' });
  const second = await propose(world.parts, ROUTE);
  assert.deepEqual(second.kind === 'proposed' && second.tasks, ['t1', 't2']);
  assert.equal(world.origin('rev-parse', NAME), await world.rig.head());
  assert.equal(world.github.pulls.length, 1);
  assert.match(world.github.pulls[0]?.title ?? '', /^Deliver 2 tasks: /);
  assert.deepEqual(await world.events(), ['delivery.proposed', 'delivery.proposed'], 'once for each state');
});

test('a push that fails leaves nothing that hides the work: the next delivery proposes all of it', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  const main = world.rig.repo.git('rev-parse', 'main');
  const hook = join(world.origin('rev-parse', '--absolute-git-dir'), 'hooks', 'pre-receive');
  writeFileSync(hook, '#!/bin/sh\nexit 1\n');
  chmodSync(hook, 0o755);
  await assert.rejects(propose(world.parts, ROUTE), { code: 'REMOTE_DECLINED' });
  assert.deepEqual([world.github.pulls, world.rig.repo.git('rev-parse', 'main')], [[], main]);
  rmSync(hook);
  const outcome = await propose(world.parts, ROUTE);
  assert.deepEqual(outcome.kind === 'proposed' && outcome.tasks, ['t1']);
});

test('commits that people push to the branch of the pull request stay', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  await propose(world.parts, ROUTE);
  const theirs = world.pushedBy(NAME, { 'b.txt': 'b, better\n' });
  await propose(world.parts, ROUTE);
  assert.equal(world.origin('rev-parse', NAME), theirs, 'it has all of ours already');
  await world.done('t2', { 'c.txt': 'c\n' });
  assert.equal((await propose(world.parts, ROUTE)).kind, 'proposed');
  assert.deepEqual(
    [world.origin('show', `${NAME}:b.txt`), world.origin('show', `${NAME}:c.txt`)],
    ['b, better', 'c'],
  );
  assert.equal(world.origin('merge-base', theirs, NAME), theirs);
  const conflicting = world.pushedBy(NAME, { 'd.txt': 'theirs\n' });
  await world.done('t3', { 'd.txt': 'ours\n' });
  const refused = await propose(world.parts, ROUTE);
  assert.deepEqual(refused.kind === 'refused' && refused.files, ['d.txt']);
  assert.equal(world.origin('rev-parse', NAME), conflicting);
});

test('a pull request that was merged is written down once, and what comes later is proposed anew', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  await propose(world.parts, ROUTE);
  world.origin('update-ref', 'refs/heads/main', world.origin('rev-parse', NAME));
  world.github.merge(1, world.origin('rev-parse', 'main'));
  const looks = await Promise.all([look(world.parts, ROUTE), look(world.parts, ROUTE)]);
  assert.deepEqual(
    looks.map((pull) => pull?.state),
    ['merged', 'merged'],
  );
  const [, done] = await world.store.events(0);
  assert.deepEqual(done?.type === 'delivery.done' && [done.target, done.tasks], ['main', ['t1']]);
  assert.equal((await propose(world.parts, ROUTE)).kind, 'nothing');
  await world.done('t2', { 'c.txt': 'c\n' });
  const next = await propose(world.parts, ROUTE);
  assert.deepEqual(next.kind === 'proposed' && [next.pull.number, next.tasks], [2, ['t2']]);
  assert.deepEqual(await world.events(), ['delivery.proposed', 'delivery.done', 'delivery.proposed']);
});

test('after a squash only what is new is proposed, on top of what the target became', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'a.txt': 'one\n2\n3\n4\n5\n' });
  await propose(world.parts, ROUTE);
  // Ada changes another line first, then squashes the pull request onto that.
  const squashed = world.pushedBy('main', { 'a.txt': 'one\n2\n3\n4\nfive\n' });
  world.github.merge(1, squashed);
  assert.equal((await propose(world.parts, ROUTE)).kind, 'nothing');
  // The same line again: brought in on top of the older main it would conflict.
  await world.done('t2', { 'a.txt': 'ONE\n2\n3\n4\n5\n' });
  const next = await propose(world.parts, ROUTE);
  assert.deepEqual(next.kind === 'proposed' && [next.pull.number, next.tasks], [2, ['t2']]);
  assert.equal(world.origin('show', `${NAME}:a.txt`), 'ONE\n2\n3\n4\nfive');
  assert.equal(world.origin('merge-base', 'main', NAME), squashed);
  const at = world.origin('rev-parse', NAME);
  await propose(world.parts, ROUTE);
  assert.equal(world.origin('rev-parse', NAME), at, 'and that once');
});

test('what came into the pull request after its merge is not taken for delivered', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  await propose(world.parts, ROUTE);
  const merged = world.origin('rev-parse', NAME);
  await world.done('t2', { 'c.txt': 'c\n' });
  // Ada merges while the next update is on its way.
  const { forge } = world.parts;
  const meanwhile: ProposalParts = {
    ...world.parts,
    forge: {
      repository: forge.repository,
      read: (...args) => forge.read(...args),
      propose: async (request) => {
        const pull = await forge.propose(request);
        world.github.merge(1, merged);
        Object.assign(world.github.pulls[0]?.merged ?? {}, { head: merged });
        return pull;
      },
    },
  };
  await propose(meanwhile, ROUTE);
  await look(world.parts, ROUTE);
  const done = (await world.store.events(0)).find(({ type }) => type === 'delivery.done');
  assert.deepEqual(done?.type === 'delivery.done' && done.tasks, ['t1']);
  const next = await propose(world.parts, ROUTE);
  assert.deepEqual(next.kind === 'proposed' && [next.pull.number, next.tasks.includes('t2' as never)], [
    2,
    true,
  ]);
});

test('one that was closed without a merge is told of, and the next delivery opens another', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  await propose(world.parts, ROUTE);
  Object.assign(world.github.pulls[0] ?? {}, { state: 'closed' });
  const next = await propose(world.parts, ROUTE);
  assert.equal(next.kind === 'proposed' && next.pull.number, 2);
  assert.deepEqual(await world.events(), ['delivery.proposed', 'delivery.refused', 'delivery.proposed']);
});

test('a target that the remote does not have is named, with the next step', async () => {
  await using world = await makeWorld();
  await world.done('t1', { 'b.txt': 'b\n' });
  await assert.rejects(propose(world.parts, { branch: INTEGRATION, target: 'release' }), {
    code: 'TARGET_MISSING',
    advice: 'push it first: git push origin release',
  });
});
