import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const SOURCES = join(import.meta.dirname, '..', '..', 'src');
const WHERE = ['surfaces/cli/**/*.ts', 'core/api/*.ts', 'core/parse-task-id.ts'];

test('the codes of the errors that the command line makes itself', async () => {
  const codes = new Set<string>();
  for await (const file of glob(WHERE, { cwd: SOURCES, exclude: ['**/*.test.ts'] })) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    for (const [, code] of text.matchAll(/(?:Codewalk|Usage)Error\(\s*'([A-Z_]+)'/g)) codes.add(code ?? '');
    for (const [, code] of text.matchAll(/code: '([A-Z_]+)'/g)) codes.add(code ?? '');
  }
  assert.deepEqual([...codes].sort(), [
    'AMBIGUOUS_ID',
    'BAD_DURATION',
    'BAD_ID',
    'BAD_JSON',
    'BAD_KEY',
    'BAD_PERCENT',
    'BAD_PRIORITY',
    'BAD_TIME',
    'BAD_TITLE',
    'CONFIG_CHANGED',
    'DELIVERY_REFUSED',
    'EMPTY_PROMPT',
    'FORBIDDEN',
    'INPUT_TOO_LARGE',
    'NEEDS_SHELL',
    'NOTHING_TO_CHANGE',
    'NOT_DETACHED',
    'NOT_FOR_AGENTS',
    'NOT_RUNNING',
    'NO_AGENT',
    'NO_FILE',
    'NO_GOAL',
    'NO_HISTORY',
    'NO_ISSUES',
    'NO_ISSUES_FILE',
    'NO_LOGS',
    'NO_NOTICES',
    'NO_PLAN',
    'NO_PROMPT_FILE',
    'NO_QUESTION',
    'NO_REASON',
    'PLAN_GONE',
    'PROMPT_TOO_LONG',
    'REFUSED',
    'RESTORE_CONFLICT',
    'SAME_ID',
    'SERVER_NOT_RUNNING',
    'TASK_AT_WORK',
    'TASK_DONE',
    'TASK_EXISTS',
    'TASK_OVER',
    'TERMINAL_UNFIT',
    'TOKEN_ID',
    'TOKEN_NAME',
    'TWO_PROMPTS',
    'UNEXPECTED',
    'UNKNOWN_ACTION',
    'UNKNOWN_AGENT',
    'UNKNOWN_EVENT',
    'UNKNOWN_FILE',
    'UNKNOWN_ORCHESTRATOR',
    'UNKNOWN_PROVIDER',
    'UNKNOWN_SETTING',
    'UNKNOWN_STATE',
    'UNKNOWN_TASK',
    'UNKNOWN_WORKFLOW',
    'UNWRITABLE',
    'USAGE',
  ]);
});
