import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API_REFERENCE, withApiReference } from '../../scripts/api-reference.ts';
import { OPERATIONS } from '../../src/core/api/roles.ts';
import { SERVER_OPERATIONS } from '../../src/core/server/operations.ts';

test('the reference of the API says what the routers have', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', API_REFERENCE), 'utf8');
  assert.ok(page === withApiReference(page), 'docs/api.md is out of date: run npm run docs');
  for (const { path, kind, role } of [...Object.values(OPERATIONS), ...Object.values(SERVER_OPERATIONS)]) {
    assert.ok(page.includes(`#### \`${path}\`\n\n${kind}, ${role}.`), path);
  }
});
