import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Desktop, desktopCommand } from '../../src/adapters/desktop/desktop.ts';
import type { Notice } from '../../src/core/notices/ports.ts';
import { newDirectory } from '../contracts/store-kit.ts';

const NOTICE: Notice = {
  ...{ id: 'evt_1', kind: 'question', title: '-a asks', text: '<b>`touch x`</b> & "$(id)"', project: 'shop' },
  event: { seq: 1, at: 0, type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' },
};

test('a notice is shown by the program of the desktop, its text as an argument and never as markup', async (t) => {
  const dir = await newDirectory(t);
  const program = join(dir, 'notify-send');
  await writeFile(program, '#!/bin/sh\nfor each in "$@"; do echo "$each"; done > "$SHOWN"\n');
  await chmod(program, 0o755);
  const env = { PATH: `${dir}:${process.env['PATH']}`, SHOWN: join(dir, 'shown'), DISPLAY: ':9' };
  const command = desktopCommand('linux', env);
  assert.ok(command);
  const desktop = new Desktop({ host: 'here', command, env });
  assert.deepEqual(await desktop.deliver(NOTICE), { kind: 'delivered' });
  assert.equal(
    await readFile(join(dir, 'shown'), 'utf8'),
    '--app-name=Codewalk\n--\n-a asks (shop)\n&lt;b&gt;`touch x`&lt;/b&gt; &amp; "$(id)"\n',
  );
});

test('without the program a notice is given up at once', async (t) => {
  const env = { PATH: await newDirectory(t), DISPLAY: ':9' };
  const command = desktopCommand('linux', env);
  assert.ok(command);
  const delivery = await new Desktop({ host: 'here', command, env }).deliver(NOTICE);
  assert.equal(delivery.kind, 'refused');
});

test('without a desktop session nothing is shown', () => {
  assert.equal(desktopCommand('linux', {}), undefined);
  assert.equal(desktopCommand('darwin', { SSH_CONNECTION: '1' }), undefined);
  assert.deepEqual(desktopCommand('darwin', {})?.('t', 'x').slice(-2), ['t', 'x']);
});
