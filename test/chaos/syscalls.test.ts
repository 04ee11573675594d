import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findStrace, inject, syscalls } from '../../chaos/syscalls.ts';

test('S3-50 S2-57 a fault at a system call loses nothing, whether it kills or only fails', async () => {
  const strace = findStrace(() => {});
  if (strace === undefined) {
    const findings = await syscalls.run({ seed: 1, scale: 0.01, note: () => {} });
    assert.deepEqual(
      findings.map(({ met }) => met),
      [false],
      'what cannot be tried is not met',
    );
    return;
  }
  assert.deepEqual(await inject(strace, { whose: 'program', call: 'rename', fault: 'SIGKILL', when: 4 }), []);
  assert.deepEqual(await inject(strace, { whose: 'program', call: 'pwrite64', fault: 'EIO', when: 60 }), []);
});
