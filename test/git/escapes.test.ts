import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MergeResult } from '../../src/core/workspaces/ports.ts';
import { makeProject } from '../e2e/project.ts';
import { makeRig, message, type Rig } from './rig.ts';

async function mergeOf(rig: Rig, task: string, make: (path: string) => void): Promise<MergeResult> {
  const workspace = await rig.open(task);
  make(workspace.path);
  const { commit: head } = await rig.workspaces.snapshot(workspace, message(task));
  const onto = await rig.head();
  return await rig.integration.merge({ strategy: 'merge', onto, head, base: onto, message: message(task) });
}

test('links that lead out of the project are not merged, those inside are', async () => {
  await using rig = await makeRig();
  const inside = await mergeOf(rig, 'inside', (path) => {
    mkdirSync(join(path, 'd'));
    symlinkSync('../README.md', join(path, 'd', 'readme'));
  });
  assert.equal(inside.kind, 'merged');
  const outside = await mergeOf(rig, 'outside', (path) => {
    symlinkSync('/etc/passwd', join(path, 'users'));
    symlinkSync('../../../.git/hooks', join(path, 'hooks'));
  });
  assert.ok(outside.kind === 'refused');
  assert.deepEqual(outside.files, ['hooks', 'users']);
  assert.match(
    outside.reason,
    /^hooks is a link out of the project, to "\.\.\/\.\.\/\.\.\/\.git\/hooks"; users /,
  );
});

test('a link that was there before stands in nobody’s way', async () => {
  await using rig = await makeRig();
  symlinkSync('/etc/hostname', join(rig.repo.root, 'old'));
  rig.repo.commit('An old link');
  const merged = await mergeOf(rig, 'task', (path) => writeFileSync(join(path, 'new.txt'), 'x'));
  assert.equal(merged.kind, 'merged');
});

test('a repository of others does not come in as a submodule', async () => {
  await using rig = await makeRig();
  const commit = rig.repo.git('rev-parse', 'HEAD');
  const merged = await mergeOf(rig, 'task', (path) => {
    writeFileSync(join(path, '.gitmodules'), '[submodule "x"]\n\tpath = sub\n\turl = ext::true\n');
    mkdirSync(join(path, 'sub'));
    rig.repo.git('clone', '--quiet', rig.repo.root, join(path, 'sub'));
    assert.equal(rig.repo.git('-C', join(path, 'sub'), 'rev-parse', 'HEAD'), commit);
  });
  assert.ok(merged.kind === 'refused');
  assert.deepEqual(merged.files, ['sub']);
});

/** `mends`: does the agent take its link away when it is told? */
const linking = (mends: boolean) => `
prompt=$(cat)
echo work > work.txt
case "$prompt" in
  *"The merge was refused"*) ${mends ? 'rm users' : ':'} ;;
  *) ln -s /etc/passwd users ;;
esac
echo '{"status":"done","summary":"did it"}'
`;

for (const mends of [true, false]) {
  test(`an agent that made a link out of the project is told, and ${mends ? 'merges without it' : 'fails when it keeps it'}`, async () => {
    await using project = await makeProject({
      roadmap: { version: 1, tasks: [{ id: 'links', prompt: 'x', agent: 'linker' }] },
    });
    const { repo, directory } = project;
    const script = join(directory, 'agent.sh');
    writeFileSync(script, linking(mends));
    repo.write(
      '.codewalk/config.json',
      JSON.stringify({
        providers: { linker: { type: 'command', command: 'sh', args: [script] } },
        agents: { linker: { provider: 'linker' } },
        merge: { maxBounces: 1 },
      }),
    );
    const run = await project.cw(['run']);
    assert.equal(run.code, mends ? 0 : 1, run.stdout + run.stderr);
    const refused = await project.events('--type', 'merge.refused');
    assert.equal(refused.length, mends ? 1 : 2);
    const { links } = await project.tasks();
    if (mends) assert.equal(repo.git('ls-tree', '--name-only', 'cw/integration'), 'README.md\nwork.txt');
    else assert.match(String(links?.['reason']), /users is a link out of the project/);
    rmSync(script);
  });
}
