import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRASH_POINTS, crashPoint, onCrashPoint } from '../../src/core/crash-points.ts';
import { crashWhereAsked } from '../../src/main/cli/crash-at.ts';
import { cwIn, makeHome } from './rig.ts';

test('a crash point tells its listener, and does nothing without one', (t) => {
  const heard: string[] = [];
  crashPoint('claim.committed');
  t.after(() => onCrashPoint(undefined));
  onCrashPoint((point) => heard.push(point));
  crashPoint('claim.committed');
  onCrashPoint(undefined);
  crashPoint('claim.committed');
  assert.deepEqual(heard, ['claim.committed']);
});

test('nothing listens where no crash is asked for', (t) => {
  t.after(() => onCrashPoint(undefined));
  crashWhereAsked({});
  crashWhereAsked({ CW_CRASH_AT: '' });
  crashPoint('claim.committed');
});

test('a crash that is asked for at an unknown point is refused with the nearest name', async (t) => {
  const cw = cwIn(import.meta.dirname, makeHome(t));
  const near = await cw(['status'], { env: { CW_CRASH_AT: 'claim.comitted#2' } });
  assert.equal(near.code, 2);
  assert.match(near.stderr, /CW_CRASH_AT=claim\.comitted#2 names no crash point/);
  assert.match(near.stderr, /Did you mean claim\.committed\?/);

  for (const wrong of ['claim.committed#0', 'claim.committed#x', 'nothing like it']) {
    const { code, stderr } = await cw(['status'], { env: { CW_CRASH_AT: wrong } });
    assert.equal(code, 2, wrong);
    for (const name of Object.keys(CRASH_POINTS).slice(0, 3)) {
      if (wrong === 'nothing like it') assert.ok(stderr.includes(name), stderr);
    }
  }
});
