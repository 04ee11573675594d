import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import { type ProbeResult, runProbes } from './probe-rig.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));
const skip = found.kind === 'missing' ? found.reason : false;
const NOBODY = '65534';

function assertShutIn(results: readonly ProbeResult[]): void {
  const wrong = results.filter(({ expected, inside }) => inside !== (expected === 'allowed'));
  assert.deepEqual(wrong, []);
  // A probe that cannot do it anywhere shows nothing.
  const idle = results.filter(({ name, outside }) => outside === false && !AS_ROOT_ONLY.has(name));
  assert.deepEqual(idle, []);
  assert.ok(results.length > 35);
}

/** What only root can do without a sandbox, or what the machine may forbid to all others. */
const AS_ROOT_ONLY = new Set(['read passwords of the machine', 'make a user namespace']);

for (const mode of ['workspace', 'strict'] as const) {
  test(`a program in a ${mode} sandbox reaches its worktree and its home, and nothing else of the machine`, {
    skip,
  }, async () => {
    assertShutIn(await runProbes(mode));
  });

  test(`a ${mode} sandbox holds for a user without rights as well`, { skip: skip || notRoot() }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'cw-nobody-'));
    try {
      chmodSync(directory, 0o777);
      const rig = join(import.meta.dirname, 'probe-rig.ts');
      const args = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', process.execPath, rig, mode];
      const env = { PATH: process.env['PATH'] ?? '', HOME: directory, TMPDIR: directory };
      const run = spawnSync('setpriv', args, { env, encoding: 'utf8', cwd: directory });
      assert.equal(run.status, 0, run.stderr);
      assertShutIn(JSON.parse(run.stdout) as readonly ProbeResult[]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

/** Only root can become another user. */
function notRoot(): string | false {
  if (process.getuid?.() !== 0) return 'this user has no rights already';
  const readable = spawnSync('setpriv', [
    '--reuid',
    NOBODY,
    '--clear-groups',
    'test',
    '-r',
    import.meta.filename,
  ]);
  return readable.status === 0 ? false : 'another user cannot read the sources here';
}
