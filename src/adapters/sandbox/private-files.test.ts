import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PrivateFiles } from './private-files.ts';

const LOGIN = '{"token":"old","account":"a"}';

function makeFiles(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'cw-private-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const [own, root] = [join(base, 'own'), join(base, 'private')];
  for (const directory of [own, root]) mkdirSync(directory);
  const copies = new PrivateFiles(join(base, 'copied.json'), (path) => ({
    root,
    path: join(root, relative(own, path)),
  }));
  const at = (directory: string, name: string) => join(directory, 'cli', name);
  mkdirSync(join(own, 'cli'));
  writeFileSync(at(own, 'login.json'), LOGIN);
  writeFileSync(at(own, 'settings.json'), '{}');
  const files = [
    { path: at(own, 'login.json'), credentials: true },
    { path: at(own, 'settings.json'), credentials: false },
    { path: at(own, 'absent.json'), credentials: false },
  ];
  copies.copyIn(files);
  return {
    copies,
    files,
    base,
    root,
    own: (name: string) => readFileSync(at(own, name), 'utf8'),
    copy: (name: string) => readFileSync(at(root, name), 'utf8'),
    change: (name: string, text: string) => writeFileSync(at(root, name), text),
    changeOwn: (name: string, text: string) => writeFileSync(at(own, name), text),
  };
}

test('a renewed login goes back to the person', (t) => {
  const { copies, files, own, copy, change } = makeFiles(t);
  assert.equal(copy('login.json'), LOGIN);
  change('login.json', '{"token":"new","account":"a"}');
  copies.handBack(files);
  assert.match(own('login.json'), /new/);
});

test('settings never go back, and what an agent added to them is gone at the next start', (t) => {
  const { copies, files, own, copy, change } = makeFiles(t);
  change('settings.json', '{"hooks":1}');
  change('absent.json', '{"hooks":1}');
  copies.handBack(files);
  assert.equal(own('settings.json'), '{}');
  assert.throws(() => own('absent.json'));
  copies.copyIn(files);
  assert.equal(copy('settings.json'), '{}');
  assert.throws(() => copy('absent.json'));
});

test('a login that the person renewed meanwhile is left alone', (t) => {
  const { copies, files, own, change, changeOwn } = makeFiles(t);
  changeOwn('login.json', '{"token":"mine","account":"a"}');
  change('login.json', '{"token":"new","account":"a"}');
  copies.handBack(files);
  assert.match(own('login.json'), /mine/);
});

for (const [what, text] of Object.entries({
  'no JSON': 'garbage',
  'a list': '[]',
  'of another shape': '{"token":"new","account":"a","hooks":{}}',
  'too large': `{"token":"${'x'.repeat(300_000)}","account":"a"}`,
})) {
  test(`a login that is ${what} does not go back`, (t) => {
    const { copies, files, own, change } = makeFiles(t);
    change('login.json', text);
    copies.handBack(files);
    assert.equal(own('login.json'), LOGIN);
  });
}

test('links in the private home are never followed, neither to read nor to write', (t) => {
  const { copies, files, own, base, root } = makeFiles(t);
  const elsewhere = join(base, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'login.json'), '{"token":"stolen","account":"a"}');
  rmSync(join(root, 'cli'), { recursive: true });
  symlinkSync(elsewhere, join(root, 'cli'));
  copies.handBack(files);
  assert.equal(own('login.json'), LOGIN);
  copies.copyIn(files);
  assert.match(readFileSync(join(elsewhere, 'login.json'), 'utf8'), /stolen/);
});
