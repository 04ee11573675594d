import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/surfaces/cli/commands.ts';

const GUIDES = join(import.meta.dirname, '..', '..', 'docs', 'guides');
const unit = join(GUIDES, 'server', 'codewalk.service');

test('the systemd unit and the launchd file start a server in the foreground, and give it time to save what its agents did', (t) => {
  const text = readFileSync(unit, 'utf8');
  assert.match(text, /^ExecStart=\/usr\/bin\/env cw serve --foreground --no-project$/m);
  assert.match(text, /^KillMode=mixed$/m);
  const launchd = readFileSync(join(GUIDES, 'server.md'), 'utf8');
  const words = [...launchd.matchAll(/<string>(serve|--[a-z-]+)<\/string>/g)].map(([, word]) => word);
  assert.deepEqual(words, ['serve', '--foreground', '--no-project']);
  const options = COMMANDS.find(({ id }) => id === 'serve')?.options?.map(({ flags }) => flags) ?? [];
  assert.ok(['--foreground', '--no-project'].every((flag) => options.includes(flag)));
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  if (verified.error !== undefined) t.diagnostic('systemd-analyze is not installed here');
  else assert.deepEqual([verified.status, verified.stderr], [0, '']);
});
