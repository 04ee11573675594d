import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';
import { shell } from './tui-shell.ts';

const SIZE = { width: 150, height: 44 };

async function askingProject(): Promise<E2eProject> {
  return await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'asks', prompt: 'Ask.' },
        { id: 'next', prompt: 'Go on.', depends_on: ['asks'] },
      ],
    },
    script: {
      asks: [
        [{ result: { status: 'questions', questions: [{ id: 'q1', question: 'Which database?' }] } }],
        [{ write: 'asks.txt', text: 'x\n' }, { result: { status: 'done', summary: 'asked' } }],
      ],
      next: [
        [{ exit: 7 }],
        [{ write: 'next.txt', text: 'x\n' }, { result: { status: 'done', summary: 'gone on' } }],
      ],
    },
    config: { retry: { maxAttempts: 1 } },
  });
}

test('S3-03 S2-42 while its face is open, cw run waits for answers and retries, and goes on with them to its end', async () => {
  await using project = await askingProject();
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw run; echo "code=$?"');
  await terminal.until(/waits for you *\n[\s\S]*\? waits for you {2}asks/);
  terminal.keys('2', 'g', 'g', 'a');
  await terminal.until(/╭─ asks asks[\s\S]*Which database\?/);
  terminal.type('SQLite');
  terminal.keys('enter');
  await terminal.until(/✗ failed {2}next/);
  await terminal.until(/waits for you *\n/);
  assert.match(project.starts('asks')[1]?.prompt ?? '', /SQLite/);
  terminal.keys('2', 'G', 'r');
  await terminal.until(/╭─ Try next again\?/);
  terminal.keys('enter');
  await terminal.until(/Ended after [\dms ]+: 2 of 2 tasks done, \$0\.00\. {2}q leaves/);
  terminal.press('q');
  await terminal.until(/code=0/);
});

test('S3-03 S2-42 leaving the face of a run that waits for a person ends it with 3, and says what waits', async () => {
  await using project = await askingProject();
  await using terminal = await shell(project, { size: SIZE });
  terminal.command('cw run; echo "code=$?"');
  await terminal.until(/waits for you *\n[\s\S]*\? waits for you {2}asks/);
  terminal.press('q');
  const screen = await terminal.until(/code=3/);
  assert.match(screen, /asks[\s\S]*Which database\?/);
});
