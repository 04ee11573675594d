import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { openStore } from '../../src/adapters/store/open.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { type Databases, planOf, projectOf, SOURCE } from './store-kit.ts';
import { runWorker } from './store-workers.ts';

export function processContract(databases: Databases): void {
  describe('processes', () => {
    test('S0-35 S3-54 three processes work through one plan: each task once, and no error', async (t) => {
      const { open, url, project } = await projectOf(databases, t);
      const store = await open();
      const ids = Array.from({ length: 60 }, (_, index) => `t${index}`);
      // Each third waits for the third before it, so that unlocking races too.
      const tasks = ids.map((name, index) => [
        name,
        { needs: index < 20 ? [] : [ids[index - 20] as string] },
      ]);
      await store.sync(planOf(Object.fromEntries(tasks)), SOURCE);
      const reports = await Promise.all(
        ['orc_a', 'orc_b', 'orc_c'].map((name) => runWorker(t, 'work', { url, project, name })),
      );
      const finished = reports.flatMap((report) => report.finished);
      assert.deepEqual(finished.toSorted(), ids.toSorted());
      assert.deepEqual(
        reports.flatMap((report) => report.refused),
        [],
      );
      for (const task of await store.tasks()) assert.deepEqual([task.state, task.fence], ['done', 1]);
      const events = await store.events(0);
      assert.deepEqual(
        events.map(({ seq }) => seq),
        Array.from({ length: 1 + 60 * 3 }, (_, index) => index + 1),
      );
    });

    test('four processes that open a new database at once find one schema', async (t) => {
      const url = await databases.fresh(t);
      await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) => runWorker(t, 'open', { url, project: name, name })),
      );
      await using store = await openStore({ url, project: 'a' });
      assert.equal(await store.getMeta('opened by'), 'a');
    });

    test('a database of a newer program is refused, naming both', async (t) => {
      const url = await databases.fresh(t);
      await runWorker(t, 'newer', { url, project: 'p', name: '9.8.7' });
      await assert.rejects(openStore({ url, project: 'p', version: '1.2.3' }), (error) => {
        assert.ok(error instanceof CodewalkError);
        assert.equal(error.code, 'SCHEMA_NEWER');
        assert.match(error.message, /schema 1000, made by Codewalk 9\.8\.7; this is Codewalk 1\.2\.3/);
        return true;
      });
    });

    test('S3-50 S3-55 a process that is killed loses nothing that it had been told is written', async (t: TestContext) => {
      const { open, url, project } = await projectOf(databases, t);
      const store = await open();
      const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
      await store.sync(planOf(Object.fromEntries(ids.map((name) => [name, {}]))), SOURCE);
      const report = await runWorker(t, 'work', { url, project, name: 'orc_killed' }, { killAfter: 10 });
      assert.ok(report.finished.length >= 10);
      const done = new Set((await store.tasks({ states: ['done'] })).map((task) => task.id as string));
      for (const name of report.finished) assert.ok(done.has(name), `${name} was reported as done`);
      const head = await store.head();
      assert.equal((await store.events(0)).length, head);
      await store.reclaim(['orc_killed']);
      const rest = await runWorker(t, 'work', { url, project, name: 'orc_heir' });
      assert.equal((await store.counts()).byState.done, 40);
      assert.equal(new Set([...done, ...rest.finished]).size, 40);
    });
  });
}
