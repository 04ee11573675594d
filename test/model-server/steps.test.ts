import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../support/model-server/steps.ts';
import { BadScriptError, script, scriptIn } from '../support/model-server/steps.ts';

const hello: Step = { text: 'hello' };
const file: Step = { write: { path: 'a.txt', content: 'one\n"two" ]@@ three\n' } };

test('a marker is found anywhere in a long prompt', () => {
  const prompt = `# Task\n\nDo it.\n\n\`\`\`text\n${script(file, hello)}\n\`\`\`\n\n## Rules\n\n- none\n`;
  assert.deepEqual(scriptIn(prompt), [file, hello]);
});

test('the last marker of a prompt counts', () => {
  assert.deepEqual(scriptIn(`${script({ text: 'old' })} and ${script(hello)}`), [hello]);
});

test('a marker inside a step of another belongs to that step', () => {
  const plan: Step = { result: { tasks: [{ body: `Build. ${script(file)}` }] } };
  assert.deepEqual(scriptIn(`Plan it: ${script(plan)}`), [plan]);
});

test('a prompt without a marker has no script', () => {
  assert.equal(scriptIn('Please say hello'), undefined);
});

test('a marker without valid JSON is refused', () => {
  assert.throws(() => scriptIn('@@FAKE[{"text":]@@'), BadScriptError);
});

test('an unknown step is refused', () => {
  assert.throws(() => scriptIn('@@FAKE[{"wrote":{"path":"a"}}]@@'), BadScriptError);
  assert.throws(() => scriptIn('@@FAKE[{"shell":"a","write":{"path":"a","content":""}}]@@'), BadScriptError);
  assert.throws(() => scriptIn('@@FAKE[{"text":"a","fail":"418"}]@@'), BadScriptError);
});
