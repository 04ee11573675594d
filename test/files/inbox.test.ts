import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { makeFiles } from './rig.ts';

const FORMAT = { id: 'format', question: 'Which format?', options: ['JSON', 'YAML'] };
const HINT = /<!-- Write below[^\n]*-->/;

test('S2-49 S2-50 each of several questions has a file of its own, and an answer goes to its question', async () => {
  await using rig = await makeFiles();
  await rig.ask('cart', [FORMAT, { id: 'format!', question: 'Really?' }]);
  await rig.inStep();
  assert.deepEqual(readdirSync(rig.pathOf('inbox')).sort(), [
    'README.md',
    'cart-format-2.md',
    'cart-format.md',
  ]);
  rig.save('inbox/cart-format-2.md', `${rig.read('inbox/cart-format-2.md')}\nYes, really.\n`);
  await rig.inStep();
  const [first, second] = await rig.store.questions();
  assert.deepEqual([first?.state, second?.state, second?.answer], ['open', 'answered', 'Yes, really.']);
  assert.match(
    rig.read('inbox/done/cart-format-2.md'),
    /^state: answered$[\s\S]*\n## Your answer\n\nYes, really\.\n$/m,
  );
  assert.equal(rig.has('inbox/cart-format.md'), true);
});

test('S2-52 a question whose file is saved as it is, or with three dots at the end, is not answered', async () => {
  await using rig = await makeFiles();
  await rig.ask('cart', [FORMAT]);
  await rig.inStep();
  const text = rig.read('inbox/cart-format.md');
  for (const saved of [text, `${text}\n\n`, text.replace(HINT, ''), `${text}I think that\n...\n`]) {
    rig.save('inbox/cart-format.md', saved);
    await rig.inStep();
    assert.equal((await rig.store.questions())[0]?.state, 'open', saved);
    assert.equal(rig.read('inbox/cart-format.md'), saved);
  }
  rig.save('inbox/cart-format.md', text.replace(HINT, '1'));
  await rig.inStep();
  assert.equal((await rig.store.questions())[0]?.answer, 'JSON');
});

test('a question that the orchestrator leaves to a person says why, and keeps what a person writes meanwhile', async () => {
  await using rig = await makeFiles();
  await rig.ask('cart', [FORMAT]);
  await rig.inStep();
  const shown = rig.read('inbox/cart-format.md');
  await rig.store.log([
    { type: 'question.escalated', task: 'cart' as never, question: 'format', reason: 'It costs money.' },
  ]);
  await rig.inStep();
  assert.match(rig.read('inbox/cart-format.md'), /^note: It costs money\.$/m);
  // An editor that still shows the page of before.
  rig.save('inbox/cart-format.md', `${shown}2\n`);
  await rig.inStep();
  assert.equal((await rig.store.questions())[0]?.answer, 'YAML');
});

test('S2-55 a question whose file lost its heading, or whose words were changed, says so and waits', async () => {
  await using rig = await makeFiles();
  await rig.ask('cart', [FORMAT]);
  await rig.inStep();
  const text = rig.read('inbox/cart-format.md');
  rig.save('inbox/cart-format.md', 'JSON\n');
  await rig.inStep();
  assert.match(
    rig.read('inbox/cart-format.warning.txt'),
    /^cart-format\.md:1:1: The line "## Your answer" is missing\./,
  );
  rig.save('inbox/cart-format.md', `${text.replace('state: open', 'state: answered')}\nJSON\n`);
  await rig.inStep();
  assert.match(rig.read('inbox/cart-format.warning.txt'), /^cart-format\.md:7:1: What stands above/);
  assert.equal((await rig.store.questions())[0]?.state, 'open');
  rig.save('inbox/cart-format.md', `${text}\nJSON\n`);
  await rig.inStep();
  assert.equal((await rig.store.questions())[0]?.answer, 'JSON');
  assert.equal(rig.has('inbox/cart-format.warning.txt'), false);
});

test('S2-54 an answer that comes after another one is kept beside the question, and said', async () => {
  await using rig = await makeFiles();
  await rig.ask('cart', [FORMAT]);
  await rig.inStep();
  const text = rig.read('inbox/cart-format.md');
  await rig.store.command('cart' as never, () => [
    { type: 'task.answered', task: 'cart' as never, question: 'format', answer: 'JSON', by: 'ada' },
  ]);
  rig.save('inbox/cart-format.md', `${text}\nYAML\n`);
  await rig.inStep();
  assert.equal((await rig.store.questions())[0]?.answer, 'JSON');
  assert.equal(rig.has('inbox/cart-format.md'), false);
  assert.match(rig.read('inbox/done/cart-format.yours.md'), /\nYAML\n$/);
  assert.match(rig.read('inbox/done/cart-format.md'), /^conflict: .*cart-format\.yours\.md/m);
  // An editor that is still open, and saves once more what was answered, says nothing new.
  rig.save('inbox/cart-format.md', `${text}\nJSON\n`);
  await rig.inStep();
  assert.equal(rig.has('inbox/cart-format.md'), false);
  assert.equal((await rig.events('files.conflicted')).length, 1);
});

test('S2-50 a file that is made in the inbox is a message, by its name or by what it says', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  rig.save('inbox/to-cart.md', 'Use JSON.\n');
  rig.save('inbox/note.md', '---\nto: orchestrator\n---\nKeep it simple.\n');
  rig.save('inbox/nobody.md', 'Hello?\n');
  rig.save('inbox/to-nothing.md', 'Hello?\n');
  rig.save('inbox/to-till.md', '');
  await rig.inStep();
  const messages = await rig.store.messages();
  assert.deepEqual(messages.map(({ from, to, text }) => [from, to, text]).sort(), [
    ['person', 'orchestrator', 'Keep it simple.'],
    ['person', 'task:cart', 'Use JSON.'],
  ]);
  assert.deepEqual([rig.has('inbox/to-cart.md'), rig.has('inbox/note.md')], [false, false]);
  assert.match(rig.read('inbox/nobody.warning.txt'), /The message is to nobody\./);
  assert.match(rig.read('inbox/to-nothing.warning.txt'), /no task/);
  // An empty file is one that somebody is about to write.
  assert.deepEqual([rig.has('inbox/to-till.md'), rig.has('inbox/to-till.warning.txt')], [true, false]);
  const [sent] = messages;
  assert.match(rig.read(`inbox/done/${sent?.id}.md`), /^state: sent$/m);
  // The same words once more are another message.
  rig.save('inbox/to-cart.md', 'Use JSON.\n');
  await rig.inStep();
  assert.equal((await rig.store.messages({ of: 'task:cart' })).length, 2);
});

test('S2-49 a message to a person is a file: a reply is sent, and deleting the file is reading it', async () => {
  await using rig = await makeFiles();
  const send = (id: string, text: string) => rig.store.send({ id, from: 'task:cart', to: 'person', text });
  await send('msg_1', 'The API is ready.\n## Your reply\nfooled');
  await send('msg_2', 'Lunch?');
  await rig.inStep();
  assert.match(
    rig.read('inbox/msg_1.md'),
    /> The API is ready\.\n> ## Your reply\n> fooled\n\n## Your reply\n/,
  );
  rig.save('inbox/msg_1.md', `${rig.read('inbox/msg_1.md')}Well done.\n`);
  rig.delete('inbox/msg_2.md');
  await rig.inStep();
  assert.deepEqual(await rig.store.messages({ unreadBy: 'person' }), []);
  const replies = (await rig.store.messages()).filter(({ from }) => from === 'person');
  assert.deepEqual(
    replies.map(({ to, text, replyTo }) => [to, text, replyTo]),
    [['task:cart', 'Well done.', 'msg_1']],
  );
  assert.deepEqual([rig.has('inbox/msg_1.md'), rig.has('inbox/done/msg_2.md')], [false, true]);
});
