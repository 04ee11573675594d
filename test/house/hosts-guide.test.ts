import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/surfaces/cli/commands.ts';

const GUIDE = join(import.meta.dirname, '..', '..', 'docs', 'guides', 'hosts');
const unit = join(GUIDE, 'codewalk.service');

/** The options of the command `cw run`. */
function runFlags(): readonly string[] {
  const run = COMMANDS.find(({ id }) => id === 'run');
  return run?.options?.map(({ flags }) => flags) ?? [];
}

test('the compose file starts a database and runners that wait for it, with a command that cw has', () => {
  const { services } = parse(readFileSync(join(GUIDE, 'compose.yaml'), 'utf8')) as {
    services: Record<string, { command?: string[]; depends_on?: object; image: string }>;
  };
  assert.deepEqual(Object.keys(services), ['database', 'runner']);
  assert.deepEqual(services['runner']?.depends_on, { database: { condition: 'service_healthy' } });
  assert.match(services['runner']?.command?.join(' ') ?? '', /exec cw run --plain$/);
  assert.ok(runFlags().includes('--plain'));
});

test('the systemd unit lets the guardian end what it started, and starts again after a crash only', (t) => {
  const text = readFileSync(unit, 'utf8');
  assert.match(text, /^KillMode=mixed$/m);
  assert.match(text, /^Restart=on-failure$/m);
  assert.match(text, /^RestartPreventExitStatus=2 3$/m);
  assert.match(text, /^ExecStart=\/usr\/bin\/env cw run --plain$/m);
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  if (verified.error !== undefined) t.diagnostic('systemd-analyze is not installed here');
  else assert.deepEqual([verified.status, verified.stderr], [0, '']);
});
