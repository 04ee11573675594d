// Runs inside of a mount namespace of its own: a project whose state lies on a disk of 4 MB, which is filled during a run.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const MEGABYTES = 4;

const turn = (id: string): readonly Action[] => [
  { print: `ready ${id}` },
  { waitFor: 'go' },
  { write: `${id}.txt`, text: 'whole\n' },
  { result: { status: 'done', summary: id } },
];

await using project = await makeProject({
  roadmap: { version: 1, tasks: ['one', 'two', 'three'].map((id) => ({ id, prompt: `Do ${id}.` })) },
  script: { one: [turn('one')], two: [turn('two')], three: [turn('three')] },
  config: { ...UNCONFINED, maxAgents: 1, lease: { leaseMs: 5_000, heartbeatMs: 200 } },
});
const state = join(project.repo.root, '.codewalk', 'state');
mkdirSync(state, { recursive: true });
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'cw-test', state]);
const report: Record<string, unknown> = {};
try {
  await using running = await project.start(['run', '--json']);
  const heard = (type: string) => running.line((line) => line.includes(`"type":"${type}"`));
  await running.line((line) => line.includes('ready one'));
  report['ballast'] = existsSync(join(state, 'ballast'));
  fill(join(state, 'filler'));
  report['full'] = JSON.parse(await heard('store.full'));
  await heard('task.released');
  report['spent'] = !existsSync(join(state, 'ballast'));
  report['read'] = (await project.tasks())['one']?.state;
  const cancelled = await project.cw(['task', 'cancel', 'three']);
  report['cancel'] = [cancelled.code, cancelled.stderr];
  rmSync(join(state, 'filler'));
  report['freed'] = JSON.parse(await heard('store.freed'));
  project.allow('go');
  const { code, stderr } = await running.end;
  report['end'] = [code, stderr];
  report['states'] = Object.fromEntries(
    Object.entries(await project.tasks()).map(([id, { state: each }]) => [id, each]),
  );
  report['again'] = existsSync(join(state, 'ballast'));
  report['verify'] = (await project.cw(['db', 'verify'])).code;
} finally {
  execFileSync('umount', ['--lazy', state]);
}
console.log(JSON.stringify(report));

function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const block of [65_536, 4_096, 512]) {
      const bytes = Buffer.alloc(block);
      try {
        for (;;) if (writeSync(file, bytes) < block) break;
      } catch {
        // There is no room for one more of these.
      }
    }
  } finally {
    closeSync(file);
  }
}
