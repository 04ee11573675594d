import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject } from './project.ts';
import { shell } from './tui-shell.ts';

const SIZE = { width: 150, height: 44 };
const done = (summary: string) => ({ result: { status: 'done', summary } });

test('S2-42 a question is answered, and work is sent back with a comment on its line and approved, all in the terminal face', async () => {
  const questions = [{ id: 'q1', question: 'Which ids?', options: ['uuid', 'number'] }];
  await using project = await makeProject({
    files: { 'src/cart.ts': 'export const price = 1.5;\n' },
    roadmap: {
      version: 1,
      tasks: [
        { id: 'asks', prompt: 'Ask.' },
        { id: 'cart', prompt: 'Make it.', approve: true },
      ],
    },
    script: {
      asks: [[{ result: { status: 'questions', questions } }], [done('Ids are numbers.')]],
      cart: [
        [{ write: 'src/cart.ts', text: 'export const price = 2.5;\n' }, done('Prices.')],
        [{ write: 'src/cart.ts', text: 'export const cents = 250;\n' }, done('Cents.')],
      ],
    },
  });
  await using _running = await project.start(['run', '--watch', '--json']);
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw tui; echo "code=$?"');
  await terminal.until(
    (screen) => /asks/.test(screen) && /Which ids/.test(screen) && /approve|May the work/.test(screen),
  );

  terminal.keys('2', 'g', 'g', 'a');
  await terminal.until(/asks asks[\s\S]*Which ids\?[\s\S]*→ 1 uuid/);
  terminal.keys('2', 'enter');
  await project.untilRecord(() => project.starts('asks').length === 2);
  assert.match(project.starts('asks')[1]?.prompt ?? '', /number/);

  await terminal.until(/✓ asks/);
  terminal.keys('2', 'G', 'd');
  await terminal.until(
    /Changes of cart: 1 file[\s\S]*1 - export const price = 1\.5;.*1 \+ export const price = 2\.5;/,
  );
  // The colours of the language come a moment later than the text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that set colours.
  await terminal.until(() => /\u001b\[35m(\u001b\[48;5;\d+m)?export/.test(terminal.coloured()));
  terminal.keys('j', 'c');
  await terminal.until(/Comment on src\/cart\.ts:1 of cart/);
  terminal.type('No floats, please');
  terminal.keys('enter');
  await terminal.until(/The agent of cart reads it when the work is sent back/);
  terminal.keys('r');
  await terminal.until(/Send cart back[\s\S]*What must change/);
  terminal.type('Use cents');
  terminal.keys('enter');
  await project.untilRecord(() => project.starts('cart').length === 2);
  const again = project.starts('cart')[1]?.prompt ?? '';
  assert.match(again, /Use cents/);
  assert.match(again, /src\/cart\.ts:1[\s\S]*No floats, please/);
  await terminal.until(/Sent cart back/);
  terminal.keys('q');

  await terminal.until(/May the work of cart/);
  terminal.keys('2', 'G', 'A');
  await terminal.until(/Approve cart[\s\S]*M src\/cart\.ts/);
  terminal.keys('enter');
  await terminal.until(/✓ cart/);
  assert.equal(project.repo.git('show', 'cw/integration:src/cart.ts'), 'export const cents = 250;');
});

test('S3-46 S3-47 settings of all projects and of this one are changed in the panel, each in its own file', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
  });
  const own = join(project.repo.root, '.codewalk', 'config.json');
  const global = join(project.home, '.codewalk', 'config.json');
  const before = readFileSync(own, 'utf8');
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw tui');
  await terminal.until(/one/);
  terminal.keys(',');
  await terminal.until(/Settings: this project[\s\S]*BUILT IN +ALL PROJECTS +THIS PROJECT/);
  terminal.type('/maxAgents');
  terminal.keys('enter', 'enter', 'ctrl+u');
  terminal.type('99');
  await terminal.until(/maxAgents must be at most 64, not 99\./);
  terminal.press('BSpace');
  await terminal.until(/✓ valid/);
  terminal.keys('enter');
  await terminal.until(/1 change not saved[\s\S]*maxAgents +4 +- +\* 9/);
  terminal.keys('tab');
  await terminal.until(/Settings: all of your projects/);
  terminal.type('/sandbox.network');
  terminal.keys('enter', 'enter', 'j', 'enter');
  await terminal.until(/2 changes not saved/);
  assert.equal(readFileSync(own, 'utf8'), before);
  terminal.keys('s');
  await terminal.until(/This would be written[\s\S]*"network": false[\s\S]*\+ {2}"maxAgents": 9/);
  assert.equal(existsSync(global), false);
  terminal.keys('enter');
  await terminal.until(/Wrote [^\n]*config\.json/);
  assert.deepEqual(JSON.parse(readFileSync(global, 'utf8')), { sandbox: { network: false } });
  const after = JSON.parse(readFileSync(own, 'utf8')) as { maxAgents: number };
  assert.deepEqual(after, { ...(JSON.parse(before) as object), maxAgents: 9 });
  const shown = await project.cw(['config', 'show', '--origin']);
  assert.match(shown.stdout, /project +maxAgents +9/);
  assert.match(shown.stdout, /global +sandbox\.network +false/);
});

test('a task is added, changed in the editor of the person, and taken back', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
  });
  const editor = join(project.directory, 'editor');
  writeFileSync(editor, '#!/bin/sh\necho "from the editor" >> "$1"\n');
  chmodSync(editor, 0o755);
  const roadmap = () => readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
  await using terminal = await shell(project, { env: { EDITOR: editor } });
  terminal.command('cw tui');
  await terminal.until(/Agents/);
  terminal.keys('o');
  await terminal.until(/Add a task/);
  terminal.type('Log in 日本');
  terminal.keys('tab');
  terminal.type('First line');
  terminal.keys('ctrl+o');
  await terminal.until(/First line[\s\S]*from the editor/);
  terminal.keys('tab');
  terminal.type('one');
  terminal.keys('enter');
  await terminal.until(/Added log-in/);
  assert.match(roadmap(), /title: Log in 日本[\s\S]*First line\n +from the editor[\s\S]*one/);
  terminal.keys('u');
  await terminal.until(/It was: add log-in/);
  terminal.keys('y');
  await terminal.until(/Took back: add log-in/);
  assert.doesNotMatch(roadmap(), /Log in/);
});
