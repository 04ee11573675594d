import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServerInfo } from '../../src/core/server/ports.ts';
import { isRunning } from './processes.ts';
import { makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';
import { askingProject, untilAsked } from './tui-asking.ts';
import { PANES_ALONE, press } from './tui-press.ts';
import { shell } from './tui-shell.ts';

const SIZE = { width: 120, height: 36 };
const half: readonly Action[] = [
  { write: 'one.txt', text: 'half\n' },
  { print: 'half of it' },
  { waitFor: 'go' },
  { result: { status: 'done', summary: 'one' } },
];

test('S3-03 cw tui --run does the work, waits for more, and Ctrl-c saves what is begun', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'zero', prompt: 'Do zero.' }] },
    script: { one: [half] },
    config: UNCONFINED,
  });
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw tui --run; echo "code=$?"');
  await terminal.until(/✓ zero +done/);
  project.roadmap({
    version: 1,
    tasks: [
      { id: 'zero', prompt: 'Do zero.' },
      { id: 'one', prompt: 'Do one.' },
    ],
  });
  await terminal.until(/▶ working {2}one[\s\S]*half of it/);
  await press(terminal, ['ctrl+c', /code=130/]);
  assert.equal(project.repo.git('show', 'cw/one:one.txt'), 'half');
  assert.equal((await project.tasks())['one']?.state, 'pending');
  assert.deepEqual(
    project.record().filter(({ pid }) => isRunning(pid)),
    [],
  );
  terminal.command('clear; cw tui --run; echo "code=$?"');
  await terminal.until(/▶ working {2}one/);
  await press(terminal, ['q', /code=130/]);
});

test('S3-03 S2-28 a terminal that is closed under a run stops it as Ctrl-c does, and under cw tui nothing else', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: { one: [half] },
    config: UNCONFINED,
  });
  await using looking = await shell(project, { size: SIZE });
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw run');
  await terminal.until(/▶ working {2}one[\s\S]*half of it/);
  looking.command('cw tui');
  await looking.until(/▶ working {2}one[\s\S]*half of it/);
  const [orchestrator] = JSON.parse((await project.cw(['orchestrators', '--json'])).stdout) as {
    pid: number;
  }[];
  terminal.hangUp();
  await looking.until(/one given back: stopped[\s\S]*stopped: stopped/);
  assert.equal(project.repo.git('show', 'cw/one:one.txt'), 'half');
  await using again = await project.start(['run', '--json']);
  await again.line((line) => line.includes('half of it'));
  looking.hangUp();
  project.allow('go');
  assert.equal((await again.end).code, 0);
  assert.equal(isRunning(orchestrator?.pid ?? 0), false);
});

test('S3-48 cw tui is right again after its server was killed, and stopped, and started once more', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: { one: [half] },
  });
  await using terminal = await shell(project, { size: SIZE });
  const started = await project.cw(['serve', '--json']);
  const { pid } = JSON.parse(started.stdout) as ServerInfo;
  terminal.command('cw tui; echo "code=$?"');
  await terminal.until(/▶ working {2}one[\s\S]*half of it/);
  // Its guardian has it back before anybody may have looked.
  process.kill(pid, 'SIGKILL');
  await terminal.until(isBackWith(2));
  await project.cw(['stop']);
  await terminal.until(/○ one +ready[\s\S]*stopped: stopped/);
  await project.cw(['serve']);
  await terminal.until(isBackWith(3));
  project.allow('go');
  await terminal.until(/✓ one +done/);
  await press(terminal, ['q', /code=0/]);
});

/** The face shows that attempt at work, with all that its agent has said. */
function isBackWith(attempt: number): (screen: string) => boolean {
  const said = '[\\s\\S]*half of it'.repeat(attempt);
  const shown = new RegExp(`▶ working {2}one[^\\n]*attempt ${attempt}${said}[\\s\\S]*attempt ${attempt}`);
  return (screen) => !screen.includes('reconnecting') && shown.test(screen);
}

test('S3-48 what is done in one face is seen in another one, and not done twice by a dialog that is open there', async () => {
  await using project = await askingProject();
  await using _running = await untilAsked(project);
  await using one = await shell(project, { size: SIZE });
  await using other = await shell(project, { size: SIZE });
  for (const terminal of [one, other]) {
    terminal.command('cw tui; echo "code=$?"');
    await terminal.until(/Inbox 3[\s\S]*q leave *$/m);
  }
  await press(other, ['2 g g a', /asks asks \(1 of 2\)/]);
  await press(one, ['2 g g a', /asks asks \(1 of 2\)/]);
  await press(one, ['3 enter', /Answered asks\.[\s\S]*Which database\?/]);
  await press(one, ['esc', /Inbox 2/]);
  await press(other, ['enter', /has no open question q1[\s\S]*open are: q2/]);
  await press(other, ['esc', /Inbox 2/]);
});

test('an editor that fails, or is not there, loses nothing that was written', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
  });
  const broken = join(project.directory, 'broken');
  writeFileSync(broken, '#!/bin/sh\necho "no terminal" >&2\nexit 3\n');
  chmodSync(broken, 0o755);
  for (const editor of [broken, join(project.directory, 'missing')]) {
    await using terminal = await shell(project, { size: SIZE, env: { EDITOR: editor } });
    terminal.command('cw tui');
    await terminal.until(PANES_ALONE);
    await press(terminal, ['o', /Add a task/]);
    terminal.type('Log in');
    terminal.keys('tab');
    terminal.type('as it was');
    await press(terminal, ['ctrl+o', /as it was[\s\S]*The editor \//]);
    assert.equal(terminal.known('#{alternate_on}'), '1');
  }
});

test('a paste of 100 kB, and of control characters, is one text in a form and nothing else', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
  });
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw tui');
  await terminal.until(PANES_ALONE);
  await press(terminal, ['o', /Add a task/]);
  terminal.type('Log in');
  terminal.keys('tab');
  const lines = Array.from({ length: 4_000 }, (_, at) => `this is line number ${at}`);
  terminal.paste(`${lines.join('\n')}\n\u001b[2J\u001b]0;owned\u0007\u0003q\u0004\u001a the end`);
  await terminal.until(/this is line number 3999[\s\S]*the end/);
  await press(terminal, ['enter', /Added log-in/]);
  const roadmap = readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
  assert.ok(roadmap.includes('this is line number 0\n') && roadmap.includes('number 3999\n'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters.
  assert.doesNotMatch(roadmap, /[\u0000-\u0009\u000b-\u001f]/);
});
