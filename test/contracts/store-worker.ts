// A process of its own for the contract of the store: `node store-worker.ts <mode> <url> <project> <name> [state directory]`.
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { openStore } from '../../src/adapters/store/open.ts';
import { Attempt, claimAny } from './store-kit.ts';

const [mode, url, project, name, stateDirectory] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
];
const known = stateDirectory === undefined ? {} : { stateDirectory };

if (mode === 'work') await work();
else if (mode === 'open') await open();
else await pretendNewer();

/** Claims and finishes tasks until nothing is left, and says each that is durably done. */
async function work(): Promise<void> {
  await using store = await openStore({ url, project, ...known });
  for (;;) {
    const claims = await claimAny(store, 2, { orchestrator: name });
    for (const claim of claims) {
      const attempt = new Attempt(store, claim);
      await store.append(claim, [attempt.started()]);
      const { kind } = await store.append(claim, [attempt.done()]);
      process.stdout.write(`${kind === 'recorded' ? 'done' : 'refused'} ${claim.task}\n`);
    }
    const { byState } = await store.counts();
    if (claims.length === 0 && byState.pending + byState.claimed + byState.running === 0) return;
  }
}

async function open(): Promise<void> {
  await using store = await openStore({ url, project });
  await store.setMeta('opened by', name);
}

/** Leaves a schema behind that no program of today knows. */
async function pretendNewer(): Promise<void> {
  await using _store = await openStore({ url, project, version: '1.0.0' });
  const statement = `insert into schema_version values (1000, '${name}', 0)`;
  if (url.startsWith('sqlite:')) {
    const db = new DatabaseSync(url.slice('sqlite:'.length));
    db.exec(statement);
    db.close();
    return;
  }
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
}
