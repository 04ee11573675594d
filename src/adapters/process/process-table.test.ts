import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startedBefore } from './process-row.ts';
import { parseStat, processTable } from './process-table.ts';
import { parsePsEnvironment, parsePsTable } from './ps-table.ts';

test('a line of /proc is read from behind the name, which may hold anything', () => {
  const rest = 'S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 0 0';
  const row = { pid: 42, ppid: 1, pgid: 42, sid: 42, zombie: false, startTime: '98765' };
  assert.deepEqual(parseStat(`42 (sh) ${rest}`), row);
  assert.deepEqual(parseStat(`42 (a) Z 9 (b)) ${rest}`), row);
  assert.equal(parseStat(`42 (sh) ${rest.replace('S', 'Z')}`)?.zombie, true);
  for (const broken of ['', '42', '42 (sh', '42 (sh) S 1', 'x (sh) S'])
    assert.equal(parseStat(broken), undefined);
});

test('the table of `ps` is read', () => {
  const output = `    1     0     1 Ss   Sat Nov 21 08:40:11 2026\n  77     1    70 Z+   Sat Nov 21 09:02:37 2026\n\n`;
  assert.deepEqual(parsePsTable(output), [
    { pid: 1, ppid: 0, pgid: 1, sid: 0, zombie: false, startTime: 'Sat Nov 21 08:40:11 2026' },
    { pid: 77, ppid: 1, pgid: 70, sid: 0, zombie: true, startTime: 'Sat Nov 21 09:02:37 2026' },
  ]);
  assert.deepEqual(
    [...parsePsEnvironment('  12 sleep 3 A=b C=d\n 13 sh\n')],
    [
      [12, 'sleep 3 A=b C=d'],
      [13, 'sh'],
    ],
  );
});

test('start times are compared as ticks or as dates', () => {
  assert.equal(startedBefore('999', '1000'), true);
  assert.equal(startedBefore('1000', '1000'), false);
  assert.equal(startedBefore('Sat Nov 21 08:40:11 2026', 'Sat Nov 21 09:02:37 2026'), true);
  assert.equal(startedBefore('Sat Nov 21 09:02:37 2026', 'Sat Nov 21 08:40:11 2026'), false);
});

test('this process is in the table with its parent and environment', () => {
  const own = processTable().row(process.pid);
  assert.equal(own?.ppid, process.ppid);
  assert.ok(
    processTable()
      .rows()
      .some((row) => row.pid === process.pid && row.startTime === own?.startTime),
  );
  assert.equal(processTable().variable('PATH').get(process.pid), process.env.PATH);
  assert.deepEqual(processTable().withEnvironment([process.pid], 'cw-nobody-has-this=1'), []);
});
