import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as claude from '../../src/adapters/claude/classify.ts';
import { newState as claudeState } from '../../src/adapters/claude/translate.ts';
import * as codex from '../../src/adapters/codex/classify.ts';
import { newState as codexState } from '../../src/adapters/codex/translate.ts';
import * as goose from '../../src/adapters/goose/classify.ts';
import { newState as gooseState } from '../../src/adapters/goose/translate.ts';
import { NO_TOTALS } from '../../src/core/agents/totals.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

function end(code: number) {
  return { exit: { kind: 'exited' as const, code }, command: 'cli', stderrTail: '' };
}

/** How each CLI's failure of this text alone is understood. */
const byText = {
  claude: (text: string) =>
    claude.classify(
      { ...claudeState(), result: { type: 'result', is_error: true, result: text } },
      end(1),
      NOW,
    ),
  codex: (text: string) => codex.classify({ ...codexState(), failure: text }, end(1), NOW),
  goose: (text: string) =>
    goose.classify({ ...gooseState(), notes: [`Ran into this error: ${text}`] }, end(0), NO_TOTALS, NOW),
};

for (const [cli, classify] of Object.entries(byText)) {
  test(`S3-57 a failure of ${cli} in words that nobody knows is marked as unknown`, () => {
    const outcome = classify('a gremlin sat on the wire');
    assert.equal(outcome.kind === 'transient' && outcome.recognised, false);
  });

  test(`S3-56 the service's own trouble in the words of ${cli} is known to pass`, () => {
    const words = { claude: 'Request timed out', codex: 'stream disconnected', goose: 'Server error: 500' };
    const outcome = classify(words[cli as keyof typeof words]);
    assert.equal(outcome.kind, 'transient');
    assert.equal(outcome.kind === 'transient' && outcome.recognised, undefined);
  });
}

test('S3-57 a status is believed before the words around it', () => {
  const outcome = byText.codex('unexpected status 401 Unauthorized: stream disconnected');
  assert.equal(outcome.kind, 'auth');
});
