import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import type { ObjectId } from '../../src/core/ids.ts';
import { type Proposal, parseProposal } from '../../src/core/planning/proposal.ts';
import type { Composed } from '../../src/main/compose.ts';
import { makeProject } from '../api/rig.ts';
import type { TestRepo } from '../support/repo.ts';
import { Attempt } from './store-kit.ts';

interface World {
  readonly api: ProjectApi;
  readonly repo: TestRepo;
  readonly services: Composed;
}

function proposalOf(answer: unknown): Proposal {
  const read = parseProposal(answer);
  assert.equal(read.kind, 'parsed', JSON.stringify(read));
  return (read as Extract<typeof read, { kind: 'parsed' }>).proposal;
}

/** What every way to a project owes; `reach` makes the way to one that is set up. */
export function projectApiContract(
  name: string,
  reach: (t: TestContext, project: { repo: TestRepo; services: Composed }) => Promise<ProjectApi>,
): void {
  const world = async (t: TestContext): Promise<World> => {
    const project = await makeProject(t);
    return { ...project, api: await reach(t, project) };
  };
  const ids = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => id);

  describe(`a project ${name}`, () => {
    test('S2-37 shows the state of all tasks at a glance', async (t) => {
      const { api, services } = await world(t);
      await api.tasks();
      await Attempt.start(await services.store(), 'build');
      const status = await api.status();
      assert.deepEqual(ids(status.tasks), ['build', 'check', 'extra']);
      assert.equal(status.counts.byState.running, 1);
      assert.equal(status.counts.ready, 1);
      assert.equal(status.tasks[0]?.owner, 'orc_test');
      assert.equal(status.tasks[1]?.owner, undefined);
    });

    test('S0-32 the answer to what is next has a task that was written into the file just now', async (t) => {
      const { api, repo } = await world(t);
      const before = await api.next();
      assert.deepEqual(ids(before.tasks), ['build', 'extra']);
      repo.write(
        'roadmap.yaml',
        'version: 1\ntasks:\n  - { id: build, title: B, prompt: B }\n  - { id: new, title: N, prompt: N, priority: high }\n  - { id: check, title: C, prompt: C }\n  - { id: extra, title: E, prompt: E }\n',
      );
      const after = await api.next({ limit: 2 });
      assert.deepEqual(ids(after.tasks), ['new', 'build']);
      assert.match(after.planHash ?? '', /^[0-9a-f]{64}$/);
      assert.notEqual(after.planHash, before.planHash);
    });

    test('S2-39 what is next comes by priority, then by the order of the roadmap', async (t) => {
      const { api } = await world(t);
      await api.editTask({ task: 'extra', fields: { priority: 'critical' } });
      assert.deepEqual(ids((await api.next()).tasks), ['extra', 'build']);
      assert.deepEqual(ids((await api.next({ limit: 1 })).tasks), ['extra']);
    });

    test('a file that cannot be read is told of with the last good plan', async (t) => {
      const { api, repo } = await world(t);
      await api.tasks();
      repo.write('roadmap.yaml', 'version: 1\ntasks: 7\n');
      const list = await api.tasks();
      assert.deepEqual(ids(list.tasks), ['build', 'check', 'extra']);
      assert.equal(list.roadmapProblem?.code, 'ROADMAP_INVALID');
      assert.equal(list.roadmapProblem?.problems?.[0]?.line, 2);
      await assert.rejects(api.roadmap(), { code: 'ROADMAP_INVALID', name: 'UsageError' });
    });

    test('S2-43 a task is listed, shown and given a status', async (t) => {
      const { api } = await world(t);
      assert.deepEqual(ids((await api.tasks({ ids: ['check'] })).tasks), ['check']);
      assert.equal((await api.task({ task: 'check' })).task.pendingNeeds, 1);
      const change = await api.editTask({ task: 'build', fields: { status: 'done' } });
      assert.match(change.diff, /^\+.*status: done/m);
      const { task, predecessors } = await api.task({ task: 'check' });
      assert.equal(task.pendingNeeds, 0);
      assert.deepEqual(ids(predecessors), ['build']);
    });

    test('S2-45 work is queued, asked for, watched and completed', async (t) => {
      const { api } = await world(t);
      const { id } = await api.addTask({ fields: { title: 'Write the docs', prompt: 'Write' } });
      assert.equal(id, 'write-the-docs');
      assert.ok(ids((await api.next()).tasks).includes(id as never));
      assert.equal((await api.status()).counts.byState.pending, 4);
      await api.editTask({ task: id, fields: { status: 'done' } });
      assert.equal((await api.task({ task: id })).task.state, 'done');
    });

    test('errors come in the words of whoever threw them', async (t) => {
      const { api } = await world(t);
      await assert.rejects(api.task({ task: 'biuld' }), {
        name: 'UsageError',
        code: 'UNKNOWN_TASK',
        message: 'there is no task "biuld"',
        advice: 'did you mean build?',
      });
      await assert.rejects(api.task({ task: '../x' }), { code: 'BAD_ID' });
      await assert.rejects(api.addTask({ fields: { title: 'X', agent: 'nobody' } }), {
        code: 'UNKNOWN_AGENT',
      });
      await assert.rejects(api.stopAgent({ task: 'build' }), { code: 'NOT_RUNNING', name: 'CodewalkError' });
      await assert.rejects(api.undoEdit(), { code: 'NOTHING_TO_UNDO' });
    });

    test('the file is edited, shown before that, and the edit taken back', async (t) => {
      const { api } = await world(t);
      const shown = await api.renameTask({ task: 'extra', to: 'more', dryRun: true });
      assert.match(shown.diff, /^\+.*id: more/m);
      assert.deepEqual(ids((await api.tasks()).tasks), ['build', 'check', 'extra']);
      await api.renameTask({ task: 'extra', to: 'more' });
      assert.equal((await api.definition({ task: 'more' })).prompt, 'More');
      await api.undoEdit();
      await api.removeTask({ task: 'extra' });
      assert.deepEqual(ids((await api.tasks()).tasks), ['build', 'check']);
      assert.deepEqual((await api.roadmapDiff()).tasks, []);
      assert.deepEqual(ids((await api.roadmap()).roadmap.tasks), ['build', 'check']);
    });

    test('tasks are cancelled and tried again, and a refusal does not hold up the others', async (t) => {
      const { api } = await world(t);
      await api.tasks();
      const cancelled = await api.cancel({ tasks: ['build', 'extra', 'build'] });
      assert.deepEqual(
        cancelled.results.map(({ kind, task }) => [kind, task]),
        [
          ['done', 'build'],
          ['done', 'extra'],
        ],
      );
      const tried = await api.retry({ tasks: ['check', 'build'] });
      assert.deepEqual(
        tried.results.map(({ kind }) => kind),
        ['refused', 'done'],
      );
      await assert.rejects(api.cancel({ tasks: ['check', 'nothing'] }), { code: 'UNKNOWN_TASK' });
      assert.equal((await api.task({ task: 'check' })).task.state, 'pending');
    });

    test('S2-36 agents are listed with what they were told and said', async (t) => {
      const { api, services } = await world(t);
      await api.tasks();
      const build = await Attempt.start(await services.store(), 'build');
      await build.tell(build.stepStarted(1));
      const [view] = await api.agents();
      assert.deepEqual([view?.agent.task, view?.agent.step.agent], ['build', 'coder']);
      assert.equal(view?.byHand, undefined);
      assert.equal((await api.turns({ task: 'build' })).length, 1);
      assert.deepEqual(await api.said({ task: 'build', step: 1, after: -1 }), []);
      assert.equal((await api.usage({ by: 'agent', limit: 10 })).total.costUsd, 0);
      assert.deepEqual(await api.budgets(), []);
      const stopped = await api.stopAgent({ task: 'build' });
      assert.deepEqual(stopped.results, [{ kind: 'done', task: 'build' }]);
      const job = await api.spawnAgent({ agent: 'coder', prompt: 'Look around' });
      assert.deepEqual(job, { task: 'coder-look-around', isAtWork: false });
    });

    test('S3-20 a plan is asked for, shown, tried, applied and dropped', async (t) => {
      const { api, services, repo } = await world(t);
      const begun = await api.proposePlan({ goal: 'Search by title' });
      assert.deepEqual(begun, { id: begun.id, resumed: false, isAtWork: false });
      assert.equal((await api.proposePlan({ goal: 'Search by title' })).id, begun.id);
      await assert.rejects(api.plan({ plan: begun.id }), { code: 'UNKNOWN_PLAN' });
      const store = await services.store();
      const tasks = [{ id: 'index', title: 'Index', prompt: 'Index titles.', files: ['index.ts'] }];
      await store.keepPlan({
        id: begun.id,
        goal: 'Search by title',
        issues: [],
        notes: [],
        proposal: proposalOf({ title: 'Search', tasks }),
      });
      assert.deepEqual(ids(await api.plans({ state: 'open' })), [begun.id]);
      const shown = await api.plan({ plan: begun.id });
      assert.match(shown.preview?.diff ?? '', /^\+ +- id: index$/m);
      const file = () => readFileSync(join(repo.root, 'roadmap.yaml'), 'utf8');
      const before = file();
      await api.applyPlan({ plan: begun.id, dryRun: true });
      assert.equal(file(), before);
      assert.deepEqual((await api.applyPlan({ plan: begun.id })).added, ['index']);
      assert.ok(ids((await api.tasks()).tasks).includes('index'));
      assert.deepEqual(ids(await api.plans({ state: 'applied' })), [begun.id]);

      const other = await api.proposePlan({ goal: 'Something else' });
      assert.deepEqual(await api.dropPlan({ plan: other.id }), { plan: other.id });
    });

    test('S2-42 a question is listed and answered', async (t) => {
      const { api, services } = await world(t);
      await api.tasks();
      const build = await Attempt.start(await services.store(), 'build');
      const questions = [
        { id: 'q1', question: 'Which colour?', options: ['red', 'blue'] },
        { id: 'q2', question: 'How big?' },
      ];
      await build.tell({ type: 'task.asked', ...build.about, step: 1, questions });
      assert.deepEqual(ids(await api.questions({ open: true })), ['q1', 'q2']);
      await assert.rejects(api.answer({ task: 'build', answer: 'red' }), { code: 'REFUSED' });
      const answered = await api.answer({ task: 'build', question: 'q1', answer: '2' });
      assert.deepEqual(answered, { task: 'build', openQuestions: 1, isAtWork: false });
      const [first] = await api.questions({ task: 'build' });
      assert.deepEqual([first?.answer, first?.answeredBy], ['blue', 'person']);
    });

    test('tasks and the project are paused and resumed, and whoever looks is told by whom', async (t) => {
      const { api } = await world(t);
      await assert.rejects(api.pauseTasks({ tasks: ['build', 'nobody'] }), { code: 'UNKNOWN_TASK' });
      const paused = await api.pauseTasks({ tasks: ['build'], reason: ' not yet ' });
      assert.deepEqual(paused.results, [{ kind: 'done', task: 'build' }]);
      const { task } = await api.task({ task: 'build' });
      assert.deepEqual([task.paused?.by, task.paused?.reason], ['person', 'not yet']);
      const [again] = (await api.pauseTasks({ tasks: ['build'] })).results;
      assert.equal(again?.kind === 'refused' && again.advice, 'cw task resume build');
      assert.ok(!ids((await api.next()).tasks).includes('build'));
      assert.deepEqual((await api.resumeTasks({ tasks: ['build'] })).results, [
        { kind: 'done', task: 'build' },
      ]);
      assert.ok(ids((await api.next()).tasks).includes('build'));

      const made = await api.pauseProject({ reason: 'lunch' });
      assert.deepEqual([made.stood, made.stopped, made.atWork], [false, [], []]);
      for (const told of [await api.status(), await api.orchestrators(), await api.next()]) {
        assert.deepEqual([told.paused?.by, told.paused?.reason], ['person', 'lunch']);
      }
      assert.equal((await api.pauseProject()).stood, true);
      const resumed = await api.resumeProject();
      assert.deepEqual([resumed.was?.reason, resumed.isAtWork], ['lunch', false]);
      assert.equal((await api.resumeProject()).was, undefined);
      assert.equal((await api.status()).paused, undefined);
    });

    test('S2-41 messages are sent, listed and read', async (t) => {
      const { api } = await world(t);
      await api.tasks();
      const sent = await api.send({ to: 'build', text: 'Use port 8080', file: 'a.ts', line: 3 });
      assert.deepEqual([sent.from, sent.to], ['person', 'task:build']);
      assert.deepEqual(ids(await api.messages({ unreadBy: 'task:build' })), [sent.id]);
      assert.deepEqual(await api.readMessages({ ids: [sent.id] }), []);
      await assert.rejects(api.send({ to: 'nobody', text: 'Hello' }), { code: 'UNKNOWN_TASK' });
    });

    test('S3-71 settings are shown before they are written, and only what was changed is', async (t) => {
      const { api, repo } = await world(t);
      repo.write('.codewalk/config.json', '{ "maxAgents": 2 }');
      const changes = [
        { scope: 'project' as const, key: ['agents', 'coder', 'model'], value: 'opus' },
        { scope: 'global' as const, key: ['verify'], value: 'make test' },
      ];
      const shown = await api.changeSettings({ changes, dryRun: true });
      assert.deepEqual(
        shown.files.map(({ scope }) => scope),
        ['global', 'project'],
      );
      assert.match(shown.files[1]?.diff ?? '', /^-\{ "maxAgents": 2 \}$[\s\S]*^\+ {6}"model": "opus"$/m);
      assert.equal((await api.settings()).files[0]?.exists, false);
      const diffs = shown.files.map(({ diff }) => diff);
      repo.write('.codewalk/config.json', '{ "maxAgents": 3 }');
      await assert.rejects(api.changeSettings({ changes, shown: diffs }), { code: 'CONFIG_CHANGED' });
      repo.write('.codewalk/config.json', '{ "maxAgents": 2 }');
      await api.changeSettings({ changes, shown: diffs });
      const after = await api.settings();
      const found = (name: string) => after.settings.find((each) => each.name === name);
      assert.deepEqual([found('maxAgents')?.value, found('maxAgents')?.from], [2, 'project']);
      assert.deepEqual([found('agents.coder.model')?.value, found('verify')?.from], ['opus', 'global']);
      const back = [{ scope: 'project' as const, key: ['agents', 'coder', 'model'], value: null }];
      await api.changeSettings({ changes: back });
      const [, project] = (await api.settings()).files;
      assert.equal(readFileSync(project?.path ?? '', 'utf8'), '{\n  "maxAgents": 2\n}\n');
      await assert.rejects(api.changeSettings({ changes: back }), { code: 'CONFIG_NOT_SET' });
    });

    test('S3-46 settings that cannot hold together are refused, and nothing is written', async (t) => {
      const { api } = await world(t);
      const change = (key: string[], value: string | number) =>
        api.changeSettings({ changes: [{ scope: 'project', key, value }] });
      await assert.rejects(change(['maxAgents'], 'many'), { code: 'CONFIG_INVALID', message: /maxAgents/ });
      await assert.rejects(change(['defaults', 'agent'], 'codr'), (error: Error & { advice?: string }) => {
        return error.advice === 'Did you mean "coder"?';
      });
      assert.ok((await api.settings()).files.every(({ exists }) => !exists));
    });

    test('S3-45 the outline of the roadmap comes without its tasks, and stays what it was while the file cannot be used', async (t) => {
      const { api, repo } = await world(t);
      const task = (id: string) => `{ id: ${id}, title: T, prompt: P }`;
      repo.write(
        'roadmap.yaml',
        `version: 1\nphases:\n  - { id: "1", title: First, plans: [{ id: walls, title: Walls, wave: 2, tasks: [${task('a')}] }], tasks: [${task('b')}] }\n`,
      );
      const walls = { kind: 'plan', id: 'walls', title: 'Walls', wave: 2, parts: [] };
      const outline = [{ kind: 'phase', id: '1', title: 'First', parts: [walls] }];
      assert.deepEqual(await api.outline(), outline);
      repo.write('roadmap.yaml', 'version: 1\ntasks: 7\n');
      assert.deepEqual(await api.outline(), outline);
      repo.write('roadmap.yaml', `version: 1\ntasks: [${task('a')}]\n`);
      assert.deepEqual(await api.outline(), []);
    });

    test('of many merges the newest are asked for', async (t) => {
      const { api, services } = await world(t);
      await api.tasks();
      const store = await services.store();
      for (const id of ['build', 'extra']) {
        const attempt = await Attempt.start(store, id);
        const head = '1'.repeat(40) as ObjectId;
        await attempt.tell({
          ...{ type: 'merge.queued', ...attempt.about, head, files: 1, insertions: 1, deletions: 0 },
        });
      }
      const names = (merges: readonly { readonly task: string }[]) => merges.map(({ task }) => task);
      assert.deepEqual(names(await api.merges()), ['build', 'extra']);
      assert.deepEqual(names(await api.merges({ limit: 5 })), ['build', 'extra']);
      assert.deepEqual(names(await api.merges({ limit: 1 })), ['extra']);
    });

    test('what there is nothing of is empty', async (t) => {
      const { api } = await world(t);
      assert.deepEqual(await api.merges(), []);
      assert.deepEqual((await api.orchestrators()).orchestrators, []);
      assert.equal(await api.pending(), undefined);
      assert.deepEqual((await api.logs({ task: 'build' })).files, []);
      const diff = await api.diff({ task: 'build' });
      assert.deepEqual([diff.text, diff.files, diff.from], ['', [], undefined]);
      assert.equal((await api.deliver()).kind, 'nothing');
      await assert.rejects(api.dismiss({ id: 'orc' }), { code: 'UNKNOWN_ORCHESTRATOR' });
      await assert.rejects(api.resumeAccount({ name: 'nobody' }), { code: 'UNKNOWN_PROVIDER' });
      assert.ok((await api.providers()).some((provider) => provider.name === 'claude'));
    });

    test('a log file is read in pieces of whole lines', async (t) => {
      const { api, repo } = await world(t);
      await api.tasks();
      repo.write('.codewalk/state/logs/build/1-1.log', 'one\ntwo\nthr');
      const { files } = await api.logs({ task: 'build' });
      assert.deepEqual(
        files.map(({ name }) => name),
        ['1-1.log'],
      );
      const file = { task: 'build', name: '1-1.log' };
      assert.deepEqual(await api.readLog({ ...file, from: 0, isOver: false }), {
        lines: ['one', 'two'],
        next: 8,
      });
      assert.deepEqual(await api.readLog({ ...file, from: 8, isOver: false }), { lines: [], next: 8 });
      assert.deepEqual((await api.readLog({ ...file, from: 8, isOver: true })).lines, ['thr']);
      for (const name of ['../../codewalk.db', '1-1.log/..', 'x', '/etc/passwd', '9-9.log']) {
        await assert.rejects(
          api.readLog({ ...file, name, from: 0, isOver: true }),
          { code: 'NO_LOGS' },
          name,
        );
      }
    });

    test('events come in pages, and as they happen until nobody listens', async (t) => {
      const { api } = await world(t);
      await api.tasks();
      const head = await api.head();
      assert.deepEqual(
        (await api.events({ after: 0 })).map(({ seq }) => seq),
        Array.from({ length: head }, (_, i) => i + 1),
      );
      assert.equal((await api.events({ after: 0, limit: 1 })).length, 1);
      const stop = new AbortController();
      const heard: LoggedEvent[] = [];
      const follow = api.follow({ after: head, types: ['message.sent'] }, stop.signal);
      const hearing = (async () => {
        for await (const batch of follow) {
          heard.push(...batch);
          if (heard.length === 2) stop.abort();
        }
      })();
      await api.send({ to: 'build', text: 'one' });
      await api.send({ to: 'build', text: 'two' });
      await hearing;
      assert.deepEqual(
        heard.map(({ type }) => type),
        ['message.sent', 'message.sent'],
      );
    });
  });
}
