import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const BODY = join(import.meta.dirname, 'full-disk-body.ts');
/** A namespace of its own, so that whatever is mounted goes with its last process. As root, and as anybody else. */
const WAYS = [['--mount'], ['--user', '--map-root-user', '--mount']];

test('a run on a full disk gives its work back, takes a cancel, and goes on by itself when there is space', () => {
  const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);
  assert.ok(
    way,
    'No disk can be mounted here: `unshare --mount` must be allowed, as root or in a user namespace',
  );
  const { stdout, stderr, status } = spawnSync('unshare', [...way, process.execPath, BODY], {
    encoding: 'utf8',
    timeout: 90_000,
  });
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  const place = (report['full'] as { place: string }).place;
  assert.match(place, /codewalk\.db$/);
  assert.equal((report['freed'] as { place: string }).place, place);
  const { full: _, freed: __, ...rest } = report;
  assert.deepEqual(rest, {
    ballast: true,
    spent: true,
    read: 'pending',
    cancel: [0, ''],
    end: [0, ''],
    states: { one: 'done', two: 'done', three: 'cancelled' },
    again: true,
    verify: 0,
  });
});
