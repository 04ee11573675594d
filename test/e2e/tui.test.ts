import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject } from './project.ts';
import { atWork, busyProject } from './tui-busy.ts';
import { shell } from './tui-shell.ts';

test('S3-03 S3-41 S3-42 S3-44 S3-45 cw run on a terminal shows agents, plan, events and merges at every size, and then its result', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        ...['one', 'two', 'three'].map((id) => ({ id, prompt: `Do ${id}.` })),
        { id: 'four', prompt: 'Do four.', depends_on: ['one'] },
      ],
    },
    script: Object.fromEntries(
      ['one', 'two', 'three', 'four'].map((id) => [
        id,
        [
          [
            { print: `here is ${id}` },
            { waitFor: id === 'one' ? 'one' : 'others' },
            { write: `${id}.txt`, text: 'x\n' },
            { result: { status: 'done', summary: id } },
          ],
        ],
      ]),
    ),
  });
  await using terminal = await shell(project, { size: { width: 200, height: 60 } });
  terminal.command('cw run; echo "code=$?"');
  const all = await terminal.until((screen) =>
    ['one', 'two', 'three'].every((id) => screen.includes(`here is ${id}`)),
  );
  for (const id of ['one', 'two', 'three'])
    assert.match(all, new RegExp(`▶ working {2}${id} {2}coder/scripted`));
  assert.match(all, /2 Plan 0\/4[\s\S]*▶ one +running[\s\S]*· four +waiting/);
  assert.match(all, /4 Events[\s\S]*one work by coder/);
  project.allow('one');
  await terminal.until(/here is four/);
  await terminal.until(/5 Merges[\s\S]*✓ merged one/);
  await terminal.until(/✓ one +done/);
  terminal.resize(80, 24);
  const small = await terminal.until(/\[1 Agents 4\] {2}2 Plan 1\/4/);
  assert.match(small, /▶ working {2}four/);
  terminal.resize(300, 100);
  await terminal.until((screen) => /1 Agents[\s\S]*4 Events/.test(screen) && screen.includes('here is two'));
  terminal.resize(80, 24);
  project.allow('others');
  await terminal.until(/Ended after \d+s: 4 of 4 tasks done, \$0\.00\. {2}q leaves/);
  terminal.press('q');
  const left = await terminal.until(/code=0/);
  assert.match(left, /Merged into cw\/integration:\n {2}one/);
  terminal.command('echo "the $((40 + 2)) is seen"');
  await terminal.until(/the 42 is seen/);
});

test('S3-43 a click gives the focus, the wheel scrolls, and the palette carries commands out', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project, { size: { width: 140, height: 40 } });
  terminal.command('cw tui');
  await terminal.until(/line 99/);
  terminal.mouse('press', { x: 4, y: 4 });
  await terminal.until(/━ 2 Plan/);
  terminal.mouse('wheel-up', { x: 60, y: 6 });
  await terminal.until(/scrolled/);
  terminal.type(':');
  await terminal.until(/━ Command/);
  terminal.type('task retry brok');
  await terminal.until(/→ broken/);
  terminal.keys('tab', 'enter');
  await terminal.until(/━ cw task retry broken[\s\S]*broken/);
  const retried = await project.events('--type', 'task.reset');
  assert.deepEqual(
    retried.map(({ task }) => task),
    ['broken'],
  );
  terminal.keys('q', ':');
  await terminal.until(/━ Command/);
  terminal.type('serve');
  terminal.keys('enter');
  await terminal.until(/needs a shell: .* give cw serve/);
});

test('S3-42 what agents print keeps its colours and moves nothing: no title, no clipboard, no other screen', async () => {
  const evil =
    '\u001b]0;owned\u0007\u001b]52;c;b3duZWQ=\u0007\u001b[2J\u001b[1;1Hmoved\u001b[?1049l\u001bc\u001b[31mred\u001b[0m';
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: { one: [[{ print: evil }, { print: 'the end' }, { waitFor: 'go' }]] },
  });
  await using terminal = await shell(project, { size: { width: 120, height: 32 } });
  const title = terminal.known('#{pane_title}');
  terminal.command('cw run');
  const screen = await terminal.until(/the end/);
  assert.match(screen, /^ cw {2}.*\n─ 2 Plan/);
  assert.match(screen, /moved.*red/);
  assert.equal(terminal.known('#{pane_title}'), title);
  assert.equal(terminal.known('#{alternate_on}'), '1');
});

test('S3-03 SIGTERM gives the terminal back, and a run that is killed comes back with its face and can be stopped without it', async () => {
  await using project = await busyProject();
  await using terminal = await shell(project, { size: { width: 140, height: 40 } });
  terminal.command('cw tui & echo "pid=$!" > pid; fg; echo "code=$?"');
  await terminal.until(/Nobody is at work/);
  const pid = Number(/pid=(\d+)/.exec(readFileSync(join(project.repo.root, 'pid'), 'utf8'))?.[1]);
  process.kill(pid, 'SIGTERM');
  await terminal.until(/code=130/);
  terminal.command('clear; cw run; echo "ended=$?"');
  await terminal.until(/line 99/);
  const [orchestrator] = JSON.parse((await project.cw(['orchestrators', '--json'])).stdout) as {
    pid: number;
  }[];
  process.kill(orchestrator?.pid ?? 0, 'SIGKILL');
  await terminal.until(/line 99[\s\S]*one resumed on cw\/one, attempt 2/);
  // Without the face it is stopped by the terminal itself, which must not be left as the killed one had it.
  terminal.keys('q');
  await terminal.until(/the orchestrator crashed \(SIGKILL\)[\s\S]*1 running/);
  terminal.keys('ctrl+c');
  await terminal.until(/ended=130/);
  terminal.command('echo "the $((40 + 2)) is seen"');
  await terminal.until(/the 42 is seen/);
});

test('S3-03 cw run prints lines with --plain, and where CI says that nobody sits at the terminal', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ['one', 'two'].map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: Object.fromEntries(
      ['one', 'two'].map((id) => [id, [[{ result: { status: 'done', summary: id } }]]]),
    ),
  });
  for (const { env, line, task } of [
    { env: {}, line: 'cw run --plain --only one', task: 'one' },
    { env: { CI: 'true' }, line: 'cw run', task: 'two' },
  ]) {
    await using terminal = await shell(project, { env, size: { width: 120, height: 40 } });
    terminal.command(`${line}; echo "code=$?"`);
    assert.match(await terminal.until(/code=0/), new RegExp(`\\d ${task} (done|work)`));
    assert.equal(terminal.known('#{alternate_on}'), '0');
  }
});

test('cw tui without a terminal says so, and what else to use', async () => {
  await using project = await makeProject({ roadmap: { version: 1, tasks: [] } });
  const { code, stderr } = await project.cw(['tui']);
  assert.equal(code, 2);
  assert.match(stderr, /error: cw tui needs a terminal[^\n]*\nhelp: cw status/);
});
