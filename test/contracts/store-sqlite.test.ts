import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { storeContract } from './store.ts';

async function newFile(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-store-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return `sqlite:${join(dir, 'state.db')}`;
}

storeContract('SQLite', { shared: newFile, fresh: newFile });
