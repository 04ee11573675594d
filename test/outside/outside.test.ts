import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openRepository } from '../../src/adapters/git/repository.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { OutsideWorkers } from '../../src/core/outside/outside-workers.ts';
import { boot } from '../../src/main/boot.ts';
import { compose } from '../../src/main/compose.ts';
import { openWorkshop } from '../../src/main/run.ts';
import { makeProject } from '../cli/rig.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { outsideTests } from './outside.ts';

let server: PostgresServer;
let address: string;
before(async () => {
  server = await startPostgres();
  address = await server.freshDatabase();
});
after(() => server[Symbol.asyncDispose]());

outsideTests('SQLite', async () => undefined);
outsideTests('PostgreSQL', async () => address);

test('a client that is not heard of any more loses its task, and what it made is saved', async (t) => {
  const roadmap = 'version: 1\ntasks:\n  - {id: a, title: A, prompt: Write a.txt}\n';
  const config = { sandbox: { mode: 'off' } };
  const { repo, home } = await makeProject(t, { roadmap, agent: '', config });
  const env = { PATH: process.env['PATH'], HOME: home };
  await using services = compose({ directory: repo.root, env, version: '0' });
  await services.refresh();
  const [store, settings, bus] = [await services.store(), await services.config(), await services.bus()];
  await using repository = await openRepository(repo.root, env);
  const project = { repository, store, config: settings, bus };
  const signal = new AbortController().signal;
  await using workshop = await openWorkshop({ project, env, version: '0', signal });
  const host = {
    ...{ store, config: settings, clock: systemClock, ids: systemIds },
    onNotice: (message: string) => assert.fail(message),
    register: async (id: string) => {
      await boot(store, { id, version: '0', maxAgents: 1, leaseMs: 60_000 });
    },
    engine: async (
      ...[id, tenure, crewOf]: Parameters<ConstructorParameters<typeof OutsideWorkers>[0]['engine']>
    ) => {
      const engine = workshop.engine(tenure, id);
      return { ...engine, crew: crewOf(engine.crew) };
    },
  };
  await using workers = new OutsideWorkers(host, { silentMs: 1 });
  const work = await workers.claim('zed', {});
  assert.ok(work?.kind === 'work');
  await writeFile(join(work.worktree, 'half.txt'), 'half');
  for await (const _ of bus.subscribe({ after: 0, types: ['task.released'] })) break;
  assert.equal(repo.git('show', 'cw/a:half.txt'), 'half');
  const answer = await workers.complete('zed', { claim: work.claim, turn: work.turn, summary: '' });
  assert.ok(answer.kind === 'over' && answer.end === 'released', JSON.stringify(answer));
  assert.match(answer.reason, /given back: stopped/);
  assert.equal((await store.task(work.task))?.state, 'pending');
});
