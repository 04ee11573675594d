// One of two competing processes: merges its own tasks into the integration branch, one after the other.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitIntegration } from '../../src/adapters/git/integration.ts';
import { openRepository } from '../../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../../src/adapters/git/workspaces.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { INTEGRATION, message } from './rig.ts';

const [root = '', name = '', count = '0'] = process.argv.slice(2);
await using repository = await openRepository(root);
const integration = new GitIntegration(repository);
const workspaces = new GitWorkspaces(repository, { integrationBranch: INTEGRATION, poolSize: 2 });
let lost = 0;
for (let index = 0; index < Number(count); index += 1) {
  const task = `${name}-${index}` as TaskId;
  const base = await integration.ensureBranch(INTEGRATION, undefined);
  const workspace = await workspaces.open({ task, base });
  writeFileSync(join(workspace.path, `${task}.txt`), `${task}\n`);
  const { commit: head } = await workspaces.snapshot(workspace, message(task));
  for (;;) {
    const onto = await integration.ensureBranch(INTEGRATION, undefined);
    const merged = await integration.merge({ strategy: 'merge', onto, head, base, message: message(task) });
    if (merged.kind !== 'merged') throw new Error(merged.kind);
    const moved = await integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: task });
    if (moved === 'moved') {
      lost += 1;
      continue;
    }
    const released = await workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head });
    if (released.kind !== 'removed') throw new Error(released.reason);
    break;
  }
}
process.stdout.write(String(lost));
