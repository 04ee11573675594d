import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFiles, ROADMAP } from './rig.ts';

const CART = 'plan/shop/cart.md';

test('S2-48 S2-51 every key of a task that is edited in its file is edited in the roadmap, whose other lines stay', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const text = rig
    .read(CART)
    .replace('title: cart', 'title: The cart # short')
    .replace('files: []', 'files:\n  - src/cart/**\n  - docs/a b.md')
    .replace('priority: medium', 'priority: high\napprove: true\ntimeout: 30m\nbudget: { usd: 2 }')
    .replace('Make the cart.', 'Make the cart.\n\n- with a test\n- and no more');
  rig.save(CART, text);
  await rig.inStep();
  const [cart] = await rig.store.tasks();
  assert.deepEqual(
    [cart?.definition.title, cart?.definition.files, cart?.definition.priority, cart?.definition.approve],
    ['The cart', ['src/cart/**', 'docs/a b.md'], 75, true],
  );
  assert.deepEqual([cart?.definition.timeoutMs, cart?.definition.budget], [1_800_000, { usd: 2 }]);
  assert.equal(cart?.definition.prompt, 'Make the cart.\n\n- with a test\n- and no more');
  assert.match(rig.roadmap(), /^ {6}# The first one\.$/m);
  assert.equal(rig.read(CART), text);
  assert.deepEqual(await rig.events('files.conflicted', 'files.rejected'), []);
});

test('S2-52 what Codewalk wrote is never read back as an edit, also by a process that comes later', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const before = (await rig.events()).length;
  for (const prompt of ['One.', 'Two.', 'Three.']) {
    rig.setRoadmap(ROADMAP.replace('Make the cart.', prompt));
    await rig.inStep();
    await rig.inStep();
    assert.match(rig.read(CART), new RegExp(prompt));
  }
  const after = (await rig.events()).slice(before);
  assert.deepEqual(
    after.map(({ type }) => type),
    ['roadmap.synced', 'roadmap.synced', 'roadmap.synced'],
  );
});

test('S2-54 a save from an editor that still shows an older version changes only what was changed there', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const shown = rig.read(CART);
  rig.setRoadmap(ROADMAP.replace('Make the cart.', 'Make the big cart.'));
  await rig.inStep();
  rig.save(CART, shown.replace('title: cart', 'title: Cart'));
  await rig.inStep();
  assert.match(rig.roadmap(), /title: Cart\n/);
  assert.match(rig.roadmap(), /Make the big cart\./);
  assert.match(rig.read(CART), /^title: Cart$[\s\S]*Make the big cart\./m);
  assert.deepEqual(await rig.events('files.conflicted'), []);
});

test('a new id in the file renames the task, and its file goes on under that name with its comments', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  rig.save(CART, rig.read(CART).replace('id: cart', 'id: basket # not cart'));
  await rig.inStep();
  assert.equal(rig.has(CART), false);
  assert.match(rig.read('plan/shop/basket.md'), /^id: basket # not cart$/m);
  assert.match(rig.read('plan/shop/till.md'), /^depends_on: \[basket\]$/m);
  assert.match(rig.roadmap(), /- id: basket\n {8}was: /);
});

test('a task whose file is deleted asks first; remove: yes takes it out of the roadmap', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  rig.delete('plan/shop/till.md');
  await rig.inStep();
  assert.match(rig.read('plan/shop/till.md'), /^remove: no$/m);
  assert.match(rig.roadmap(), /id: till/);
  rig.save('plan/shop/till.md', rig.read('plan/shop/till.md').replace('remove: no', 'remove: yes'));
  await rig.inStep();
  assert.equal(rig.has('plan/shop/till.md'), false);
  assert.doesNotMatch(rig.roadmap(), /id: till/);
  // One that others need is refused, in words, beside the file.
  rig.setRoadmap(ROADMAP);
  await rig.inStep();
  rig.save(CART, rig.read(CART).replace('\nstate: pending', '\nstate: pending\nremove: yes'));
  await rig.inStep();
  assert.match(rig.read('plan/shop/cart.warning.txt'), /^cart\.md:\d+:1: "till" depends on "cart"\.\n/);
});

test('a directory that is deleted is written again and takes nothing out of the roadmap', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const page = rig.read(CART);
  rig.delete('plan');
  await rig.inStep();
  assert.equal(rig.read(CART), page);
  assert.equal(rig.roadmap(), ROADMAP);
});

test('a state that is written into the file is a command, and one that nobody can give is refused', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  rig.save(CART, rig.read(CART).replace('\nstate: pending', '\nstate: cancelled'));
  await rig.inStep();
  assert.equal((await rig.store.tasks())[0]?.state, 'cancelled');
  rig.save(CART, rig.read(CART).replace('\nstate: cancelled', '\nstate: done'));
  await rig.inStep();
  assert.match(rig.read('plan/shop/cart.warning.txt'), /A person cannot make a task "done"\./);
  rig.save(CART, rig.read(CART).replace('\nstate: done', '\nstate: pending'));
  await rig.inStep();
  assert.equal((await rig.store.tasks())[0]?.state, 'pending');
  assert.equal(rig.has('plan/shop/cart.warning.txt'), false);
});

test('S2-55 every mistake in a new file is named with its place, and the file is left as it is', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const bad: readonly (readonly [name: string, text: string, says: RegExp])[] = [
    ['unknown.md', '---\ntitle: X\nfoo: 1\n---\nDo.\n', /^unknown\.md:3:1: A task has no key "foo"\./],
    ['value.md', '---\npriority: huge\n---\nDo.\n', /^value\.md:2:11: /],
    ['yaml.md', '---\ntitle: [a\n---\nDo.\n', /^yaml\.md:2:8: .*never closed/],
    ['open.md', '---\ntitle: a\n', /^open\.md:1:1: .*has no end/],
    ['empty.md', '---\ntitle: a\n---\n', /^empty\.md:\d+:1: The task does not say/],
    ['no name.md', 'Do.\n', /^no name\.md:1:1: "no name" cannot be an id\./],
    ['again.md', '---\nid: cart\n---\nDo.\n', /^again\.md:2:1: There is a task "cart" already\./],
    ['need.md', '---\ndepends_on: [nobody]\n---\nDo.\n', /^need\.md:2:1: .*nobody/],
    ['who.md', '---\nagent: nobody\n---\nDo.\n', /^who\.md:\d+:1: .*nobody/],
  ];
  for (const [name, text] of bad) rig.save(`plan/shop/${name}`, text);
  writeFileSync(rig.pathOf('plan/shop/bytes.md'), Buffer.from([0x44, 0xff, 0xfe, 0x0a]));
  mkdirSync(rig.pathOf('plan/nowhere'));
  rig.save('plan/nowhere/lost.md', 'Do.\n');
  await rig.inStep();
  for (const [name, text, says] of bad) {
    assert.match(rig.read(`plan/shop/${name.replace('.md', '.warning.txt')}`), says);
    assert.equal(rig.read(`plan/shop/${name}`), text);
  }
  assert.match(rig.read('plan/shop/bytes.warning.txt'), /not UTF-8/);
  assert.match(rig.read('plan/nowhere/lost.warning.txt'), /no plan, phase or initiative at plan\/nowhere/);
  assert.equal((await rig.events('files.rejected')).length, bad.length + 2);
  assert.equal(rig.roadmap(), ROADMAP);
  for (const [name] of bad) rig.delete(`plan/shop/${name}`);
  await rig.inStep();
  assert.equal(rig.has('plan/shop/unknown.warning.txt'), false);
});

test('nothing outside of the directories is read or written, whatever links lead there', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const secret = join(rig.root, 'secret.md');
  writeFileSync(secret, 'Do what the secret says.\n');
  symlinkSync(secret, rig.pathOf('plan/shop/link.md'));
  rmSync(rig.pathOf(CART));
  symlinkSync(secret, rig.pathOf(CART));
  mkdirSync(join(rig.root, 'outside'));
  symlinkSync(join(rig.root, 'outside'), rig.pathOf('plan/dir'));
  writeFileSync(join(rig.root, 'outside', 'x.md'), 'Do.\n');
  await rig.inStep();
  assert.match(rig.read('plan/shop/link.warning.txt'), /leads out of the directory/);
  assert.match(rig.read('plan/shop/cart.warning.txt'), /leads out of the directory/);
  assert.equal(readFileSync(secret, 'utf8'), 'Do what the secret says.\n');
  assert.equal(rig.roadmap(), ROADMAP);
});

test('droppings of editors are nothing', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  for (const name of [
    'cart.md~',
    '.cart.md.swp',
    '4913',
    '.#cart.md',
    '#cart.md#',
    '.hidden.md',
    'cart.md.tmp',
  ]) {
    writeFileSync(rig.pathOf(`plan/shop/${name}`), 'Do.\n');
  }
  await rig.inStep();
  assert.equal(rig.roadmap(), ROADMAP);
  assert.deepEqual(await rig.events('files.rejected', 'files.conflicted'), []);
});

test('S2-53 S2-54 what a crash left on its way is put back when it is a person’s, and goes when it is ours', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const page = rig.read(CART);
  // Ours came out of its place, and the person's text with it.
  rmSync(rig.pathOf(CART));
  writeFileSync(rig.pathOf('plan/shop/.cart.md.cw-next'), page.replace('title: cart', 'title: Saved'));
  writeFileSync(rig.pathOf('plan/shop/.till.md.cw-next'), rig.read('plan/shop/till.md'));
  writeFileSync(rig.pathOf('plan/shop/.till.md.cw-out'), 'Some words of a person.\n');
  await rig.inStep();
  assert.match(rig.roadmap(), /title: Saved/);
  assert.equal(rig.has('plan/shop/.till.md.cw-next'), false);
  assert.equal(rig.read('plan/shop/till.yours.md'), 'Some words of a person.\n');
});

test('a record of what was written that is lost is made again, and no edit is lost with it', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const same = rig.read('plan/shop/till.md');
  rig.save(CART, rig.read(CART).replace('Make the cart.', 'Make my cart.'));
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(rig.root, `.codewalk/state/files.db${end}`), { force: true });
  await rig.inStep();
  // Whose version is the older one nobody knows: both stay.
  assert.match(rig.read('plan/shop/cart.yours.md'), /Make my cart\./);
  assert.match(rig.read(CART), /Make the cart\./);
  assert.equal(rig.read('plan/shop/till.md'), same);
});

test('S2-54 what is saved into the file of a task that is gone is kept beside it, and adds no task', async () => {
  await using rig = await makeFiles();
  await rig.inStep();
  const shown = rig.read('plan/shop/till.md');
  rig.setRoadmap(ROADMAP.slice(0, ROADMAP.indexOf('      - id: till')));
  await rig.inStep();
  assert.equal(rig.has('plan/shop/till.md'), false);
  rig.save('plan/shop/till.md', shown.replace('Make the till.', 'Make my till.'));
  await rig.inStep();
  assert.match(rig.read('plan/shop/till.yours.md'), /Make my till\./);
  assert.equal(rig.has('plan/shop/till.md'), false);
  assert.doesNotMatch(rig.roadmap(), /till/);
});

test('S2-56 a finished plan shows in its file what was made', async () => {
  await using rig = await makeFiles();
  await rig.store.log([
    {
      type: 'plan.finished',
      container: 'shop',
      level: 'plan',
      title: 'The shop',
      done: 2,
      total: 2,
      made: 'A cart and a till.',
    },
  ]);
  await rig.inStep();
  assert.match(rig.read('plan/shop/_plan.md'), /\n## Summary\n\n2 of 2 tasks\.\n\nA cart and a till\.\n$/);
});
