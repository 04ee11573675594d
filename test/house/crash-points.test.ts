import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CRASH_POINTS } from '../../src/core/crash-points.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');

/** Every name in a call `crashPoint('…')` of the program, as often as it is there. */
function called(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => {
      const text = readFileSync(join(SOURCE, path), 'utf8');
      return [...text.matchAll(/\bcrashPoint\('([^']+)'\)/g)].map((match) => match[1] ?? '');
    });
}

test('every crash point of the list is called at exactly one place, and no other name is', () => {
  assert.deepEqual(called().sort(), Object.keys(CRASH_POINTS).sort());
});

test('a crash point says in a few words what has happened, under a name of two parts', () => {
  for (const [name, about] of Object.entries(CRASH_POINTS)) {
    assert.match(name, /^[a-z]+\.[a-z-]+$/);
    assert.ok(about.length > 20 && about.length < 140 && !about.endsWith('.'), `${name}: ${about}`);
  }
});
