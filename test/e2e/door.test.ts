import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { type E2eProject, makeProject } from './project.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));

/** A task whose agent is a shell script. */
function scripted(script: string, sandbox: NonNullable<ConfigFile['sandbox']> = {}) {
  return makeProject({
    roadmap: { version: 1, tasks: [{ id: 'build', title: 'Build it', prompt: 'Build.' }] },
    config: {
      providers: { sh: { type: 'command', command: 'sh', args: ['-c', script] } },
      agents: { coder: { provider: 'sh' } },
      sandbox,
    },
  });
}

async function reports(project: E2eProject): Promise<unknown[]> {
  const events = await project.events('--type', 'agent.reported');
  return events.map(({ task, step, text, percent }) => ({ task, step, text, percent }));
}

const AT_WORK = `
  cw report "half of it" --percent 50
  echo made > made.txt
  cw report --result '{"status":"done","summary":"made it by hand"}'
  echo '{"status":"error","reason":"printed, and not meant"}'
`;

for (const sandbox of [
  { mode: 'workspace', network: false },
  { mode: 'strict', network: false },
  { mode: 'off' },
] as const) {
  test(`an agent that is a shell script reports by cw, sandbox ${sandbox.mode}`, {
    skip: sandbox.mode !== 'off' && found.kind === 'missing' ? found.reason : false,
  }, async () => {
    await using project = await scripted(AT_WORK, sandbox);
    const run = await project.cw(['run']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.deepEqual(await reports(project), [{ task: 'build', step: 1, text: 'half of it', percent: 50 }]);
    const { stdout } = await project.cw(['task', 'show', 'build', '--json']);
    assert.match(stdout, /made it by hand/);
    assert.equal(project.repo.git('show', 'cw/integration:made.txt'), 'made');
  });
}
