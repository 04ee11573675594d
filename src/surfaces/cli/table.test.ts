import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from './style.ts';
import { table } from './table.ts';
import { textWidth } from './width.ts';

const columns = [
  { title: 'ID' },
  { title: 'TITLE', flexible: true },
  { title: 'COST', side: 'right' as const },
];

test('columns line up and numbers stand to the right', () => {
  const rows = [
    [{ text: 'a' }, { text: 'First' }, { text: '$0.10' }],
    [{ text: 'long' }, { text: 'Second one' }, { text: '$12.00' }],
  ];
  assert.deepEqual(table({ columns, rows, width: 80, paint: plainPaint }), [
    'ID    TITLE         COST',
    'a     First        $0.10',
    'long  Second one  $12.00',
  ]);
});

test('a table that is too wide cuts its flexible column to fit', () => {
  const rows = [[{ text: 'a' }, { text: 'x'.repeat(200) }, { text: '$0.10' }]];
  for (const line of table({ columns, rows, width: 40, paint: plainPaint })) {
    assert.ok(textWidth(line) <= 40, line);
  }
});
