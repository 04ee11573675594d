import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { schemas } from '../../scripts/write-schemas.ts';
import { roadmapShape } from '../../src/core/roadmap/shape.ts';

const DIRECTORY = new URL('../../schema/', import.meta.url);

test('the JSON Schemas for editors are those of the code', async () => {
  const written = schemas();
  assert.deepEqual(await readdir(DIRECTORY), Object.keys(written).sort());
  for (const [name, text] of Object.entries(written)) {
    assert.equal(
      await readFile(new URL(name, DIRECTORY), 'utf8'),
      text,
      `${name} is old: node scripts/write-schemas.ts`,
    );
  }
});

test('the roadmap schema takes what the parser takes, in both shapes', () => {
  const texts = [
    'version: 1\ndefaults: { agent: coder, timeout: 30m }\nphases: [{ id: 1.1, goal: x, requirements: [a], research: true, plans: [{ id: p, wave: 1, tasks: [{ id: a, title: A, depends_on: b, files: x, priority: high, budget: { usd: 1 } }] }] }]\n',
    'epics: [{ id: E, status: draft, kpi: { x: 1 }, blocked_by: [F], milestones: [{ id: M, tasks: [{ id: T, title: T, status: done, estimate_hours: 2, exit_criteria: [x, { critic: y }] }] }] }]\n',
  ];
  for (const text of texts) assert.equal(roadmapShape.safeParse(parse(text)).error, undefined);
  assert.equal(roadmapShape.safeParse(parse('tasks: [{ id: a, titel: A }]')).success, false);
});
