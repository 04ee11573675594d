import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAgentResult } from './result.ts';
import { resultSchema } from './result-schema.ts';

const done = { status: 'done', summary: 'added it' };

test('a result is found alone, in a fence, or as the last object in a text', () => {
  const json = JSON.stringify(done);
  for (const text of [
    json,
    `  ${json}\n`,
    `\`\`\`json\n${json}\n\`\`\``,
    `I did it.\n\n\`\`\`json\n${JSON.stringify(done, null, 2)}\n\`\`\`\n`,
    `I did it: ${json}. Bye {not json} {"half":`,
    `function f() { return { "a": 1 } }\n{"status":"error","reason":"first"}\n${json}`,
  ]) {
    assert.deepEqual(parseAgentResult(text), done, text);
  }
  assert.deepEqual(parseAgentResult(done), done);
});

test('fields that a strict schema made null are absent, and forgotten ids of questions are filled in', () => {
  const said = {
    status: 'questions',
    summary: null,
    feedback: null,
    questions: [
      { id: 'db', question: 'Which one?', options: ['a', 'b'] },
      { question: 'Why?', options: null },
      'When?',
    ],
  };
  assert.deepEqual(parseAgentResult(JSON.stringify(said)), {
    status: 'questions',
    questions: [
      { id: 'db', question: 'Which one?', options: ['a', 'b'] },
      { id: 'q2', question: 'Why?' },
      { id: 'q3', question: 'When?' },
    ],
  });
});

test('what is no result is none', () => {
  for (const said of [
    '',
    'All done.',
    '{"status":"ok"}',
    '{"verdict":"pass"}',
    'The endpoint answers {"status":"error","code":4} now.',
    undefined,
    null,
    42,
    [done],
    { status: 'fine' },
  ]) {
    assert.equal(parseAgentResult(said), undefined, JSON.stringify(said));
  }
});

test('S3-12 a result that is malformed becomes an error that says what is wrong', () => {
  for (const said of [
    '{"status":"rejected"}',
    '```json\n{"status":"questions","questions":[]}\n```',
    { status: 'error' },
  ]) {
    const result = parseAgentResult(said);
    assert.ok(result?.status === 'error');
    assert.match(result.reason, /^The agent's result is malformed: .*(feedback|questions|reason)/);
  }
});

test('any text is read without an error, and hostile ones in little time', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseAgentResult(text)));
  fc.assert(fc.property(fc.json(), (text) => void parseAgentResult(`x ${text}`)));
  for (const text of [
    '{'.repeat(1_000_000),
    '{"'.repeat(500_000),
    '```'.repeat(300_000),
    '{"a":'.repeat(200_000),
  ]) {
    assert.equal(parseAgentResult(text), undefined);
  }
});

test('only an agent that judges is offered "rejected", and the schema is strict', () => {
  const strict = (schema: unknown): void => {
    const { type, properties, required, additionalProperties, items } = schema as Record<string, unknown>;
    if (type === 'object') {
      assert.equal(additionalProperties, false);
      assert.deepEqual(required, Object.keys(properties as object));
      for (const property of Object.values(properties as object)) strict(property);
    }
    if (items !== undefined) strict(items);
  };
  for (const verdict of [true, false]) {
    const schema = resultSchema({ verdict });
    strict(schema);
    assert.equal((schema.properties.status.enum as readonly string[]).includes('rejected'), verdict);
  }
});
