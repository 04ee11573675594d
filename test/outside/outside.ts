import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { LocalProject } from '../../src/core/api/local-project.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { WorkAnswer } from '../../src/core/outside/ports.ts';
import { compose } from '../../src/main/compose.ts';
import { makeProject } from '../cli/rig.ts';

type Asked = Extract<WorkAnswer, { kind: 'work' }>;

const TWO = `version: 1
tasks:
  - {id: a, title: First, prompt: "Write a.txt"}
  - {id: b, title: Second, prompt: "Write b.txt"}
  - {id: c, title: Third, prompt: "Write c.txt", depends_on: [a]}
`;
/** Rejects what says "draft". */
const REVIEWER = `cat > /dev/null
if grep -q draft *.txt; then echo '{"status":"rejected","feedback":"no drafts, please"}'; else echo '{"status":"done","summary":"fine"}'; fi
`;

interface Opened {
  readonly root: string;
  readonly git: (...args: string[]) => string;
  /** Opens the project in this process as a server does; closing it ends that server. */
  open(): {
    api: (client: string) => ProjectApi;
    store: () => ReturnType<ReturnType<typeof compose>['store']>;
  } & AsyncDisposable;
}

async function project(
  t: TestContext,
  database: string | undefined,
  options: { roadmap?: string; config?: Record<string, unknown> } = {},
): Promise<Opened> {
  const { repo, home } = await makeProject(t, {
    roadmap: options.roadmap ?? TWO,
    agent: REVIEWER,
    config: {
      ...(database === undefined ? {} : { database, project: `shop-${Math.random()}` }),
      sandbox: { mode: 'off' },
      ...options.config,
    },
  });
  const env = { PATH: process.env['PATH'], HOME: home };
  return {
    root: repo.root,
    git: (...args) => repo.git(...args),
    open: () => {
      const services = compose({ directory: repo.root, env, version: '0' });
      const local = new LocalProject(services);
      return {
        api: (name) => local.as({ kind: 'client', name, role: 'operator' }),
        store: () => services.store(),
        [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
      };
    },
  };
}

async function claim(api: ProjectApi, task?: string): Promise<Asked> {
  const { work } = await api.claimTask(task === undefined ? {} : { task });
  return asked(work);
}

function asked(work: WorkAnswer | undefined): Asked {
  assert.ok(work?.kind === 'work', JSON.stringify(work));
  return work;
}

async function complete(
  api: ProjectApi,
  { claim: id, turn }: Asked,
  summary = 'made it',
): Promise<WorkAnswer> {
  for (;;) {
    const answer = await api.completeTask({ claim: id, turn, summary });
    if (answer.kind !== 'busy') return answer;
  }
}

const write = (work: Asked, file: string, text: string) => writeFile(join(work.worktree, file), text);

/** What a program outside can do with tasks, on whichever store. */
export function outsideTests(name: string, database: () => Promise<string | undefined>): void {
  describe(`clients from outside, on ${name}`, () => {
    test('a client claims the next task, does it in its worktree, and it is merged', async (t) => {
      const { open, git } = await project(t, await database());
      await using server = open();
      const api = server.api('zed');
      const work = await claim(api);
      assert.deepEqual([work.task, work.why, work.turn, work.branch], ['a', 'new', 1, 'cw/a']);
      assert.match(work.prompt, /^# Task a: First\n\nWrite a\.txt\n/);
      assert.match(work.prompt, new RegExp(`Work in ${work.worktree} only`));
      assert.match(work.prompt, /Call complete_task/);
      assert.doesNotMatch(work.prompt, /JSON/);
      await write(work, 'a.txt', 'mine\n');
      const answer = await complete(api, work);
      assert.ok(answer.kind === 'over' && answer.end === 'done', JSON.stringify(answer));
      assert.equal(git('show', `${answer.commit}:a.txt`), 'mine');
      const { task, steps } = await api.task({ task: 'a' });
      assert.deepEqual([task.state, task.summary, task.mergeCommit], ['done', 'made it', answer.commit]);
      assert.deepEqual(
        steps.map(({ agent, provider, verdict }) => [agent, provider, verdict]),
        [['coder', 'outside:zed', 'done']],
      );
      assert.equal(existsSync(work.worktree), false);
      assert.deepEqual((await api.orchestrators()).orchestrators, []);
    });

    test('a client asks for a task by its id, and is told why it cannot have one', async (t) => {
      const { open } = await project(t, await database());
      await using server = open();
      const [zed, kim] = [server.api('zed'), server.api('kim')];
      await assert.rejects(zed.claimTask({ task: 'c' }), {
        code: 'TASK_NOT_READY',
        message: /waits for 1 other$/,
      });
      await assert.rejects(zed.claimTask({ task: 'x' }), { code: 'UNKNOWN_TASK' });
      const work = await claim(zed, 'b');
      assert.deepEqual((await claim(zed)).claim, work.claim, 'asked again it is told of the same');
      await assert.rejects(zed.claimTask({ task: 'a' }), { code: 'HAS_A_TASK' });
      await assert.rejects(kim.claimTask({ task: 'b' }), {
        code: 'TASK_NOT_READY',
        message: /it is running$/,
      });
      await assert.rejects(kim.completeTask({ ...work, summary: '' }), { code: 'CLAIM_UNKNOWN' });
      assert.equal((await claim(kim)).task, 'a');
      assert.equal((await server.api('max').claimTask()).work, undefined);
    });

    test('a conflict comes back with its files, and what the client makes of it is merged', async (t) => {
      const { open, git } = await project(t, await database());
      await using server = open();
      const [zed, kim] = [server.api('zed'), server.api('kim')];
      const [first, second] = [await claim(zed), await claim(kim)];
      await write(first, 'same.txt', 'from a\n');
      await write(second, 'same.txt', 'from b\n');
      const merged = await complete(zed, first);
      assert.ok(merged.kind === 'over' && merged.end === 'done', JSON.stringify(merged));
      const back = asked(await complete(kim, second));
      assert.deepEqual([back.why, back.turn, back.files], ['conflict', 2, ['same.txt']]);
      assert.match(await readFile(join(back.worktree, 'same.txt'), 'utf8'), /<<<<<<</);
      // A call that is made again, because its answer was lost, ends nothing.
      assert.deepEqual(asked(await complete(kim, second)).turn, 2);
      await write(back, 'same.txt', 'from a\nfrom b\n');
      const end = await complete(kim, back);
      assert.ok(end.kind === 'over' && end.end === 'done', JSON.stringify(end));
      assert.equal(git('show', `${end.commit}:same.txt`), 'from a\nfrom b');
    });

    test('a check that fails on the merged result comes back with what it said', async (t) => {
      const { open } = await project(t, await database(), {
        config: { verify: 'test -f ok.txt || { echo "no ok.txt here"; exit 3; }' },
      });
      await using server = open();
      const api = server.api('zed');
      const work = await claim(api);
      await write(work, 'a.txt', 'x');
      const back = asked(await complete(api, work));
      assert.equal(back.why, 'check');
      assert.match(back.prompt, /exited with 3[\s\S]*no ok\.txt here/);
      await write(back, 'ok.txt', 'x');
      const end = await complete(api, back);
      assert.ok(end.kind === 'over' && end.end === 'done', JSON.stringify(end));
    });

    test('what the workflow says is reviewed by agents, and goes back to the client', async (t) => {
      const { open } = await project(t, await database(), {
        config: {
          agents: { reviewer: { provider: 'script' } },
          workflows: { reviewed: { steps: [{ agent: 'coder' }, { agent: 'reviewer', onReject: 'coder' }] } },
          defaults: { workflow: 'reviewed' },
        },
      });
      await using server = open();
      const api = server.api('zed');
      const work = await claim(api);
      await write(work, 'a.txt', 'draft');
      const back = asked(await complete(api, work));
      assert.equal(back.why, 'changes');
      assert.match(back.prompt, /no drafts, please/);
      await write(back, 'a.txt', 'final');
      const end = await complete(api, back);
      assert.ok(end.kind === 'over' && end.end === 'done', JSON.stringify(end));
    });

    test('a task that a client fails follows the rules of retries', async (t) => {
      const { open } = await project(t, await database(), {
        config: { retry: { maxAttempts: 2, baseMs: 0, maxMs: 0 } },
      });
      await using server = open();
      const api = server.api('zed');
      const first = await claim(api, 'a');
      const retried = await api.failTask({ claim: first.claim, reason: 'no idea' });
      assert.ok(retried.kind === 'over' && retried.end === 'retried', JSON.stringify(retried));
      assert.match(retried.reason, /no idea; it will be tried again/);
      const second = await claim(api, 'a');
      const failed = await api.failTask({ claim: second.claim, reason: 'still none' });
      assert.ok(failed.kind === 'over' && failed.end === 'failed', JSON.stringify(failed));
      assert.equal((await api.task({ task: 'a' })).task.state, 'failed');
    });

    test('whoever lost the task merges nothing: its fence is old', async (t) => {
      const { open, git } = await project(t, await database());
      await using server = open();
      const [zed, kim] = [server.api('zed'), server.api('kim')];
      const old = await claim(zed, 'a');
      await write(old, 'a.txt', 'too late\n');
      await kim.cancel({ tasks: ['a'] });
      await kim.retry({ tasks: ['a'] });
      const work = await claim(kim, 'a');
      const refused = await complete(zed, old);
      assert.ok(refused.kind === 'over' && refused.end === 'lost', JSON.stringify(refused));
      await write(work, 'a.txt', 'in time\n');
      const end = await complete(kim, work);
      assert.ok(end.kind === 'over' && end.end === 'done', JSON.stringify(end));
      assert.equal(git('show', `${end.commit}:a.txt`), 'in time');
      const refusals = await (await server.store()).events(0, { types: ['write.refused'] });
      assert.ok(refusals.length > 0);
      for (const event of refusals) {
        assert.ok(event.type === 'write.refused');
        assert.ok(event.fence < event.heldFence);
      }
    });

    test('a task goes back with its work when the server ends, and the next client goes on with it', async (t) => {
      const { open, git } = await project(t, await database());
      {
        await using server = open();
        const work = await claim(server.api('zed'));
        await write(work, 'half.txt', 'half\n');
      }
      assert.equal(git('show', 'cw/a:half.txt'), 'half');
      await using server = open();
      const api = server.api('kim');
      assert.equal((await api.task({ task: 'a' })).task.state, 'pending');
      const work = await claim(api, 'a');
      assert.equal(work.why, 'changes');
      assert.equal(await readFile(join(work.worktree, 'half.txt'), 'utf8'), 'half\n');
    });
  });
}
