// The scripted agent of `cw demo`, a program of its own: a provider of type "command" starts it with the prompt on
// its standard input and the worktree as its directory.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { playTurn } from './scripted-agent.ts';

const { CW_TASK_ID: task = '', CW_SESSION: session, CW_DEMO_MEMORY: memory, CW_DEMO_THINK_MS } = process.env;
const thinkMs = Number(CW_DEMO_THINK_MS) || 0;
if (task === '') {
  console.error('The scripted agent is started by cw, which says in CW_TASK_ID what to work on.');
  process.exit(2);
}
const prompt = await text(process.stdin);

const verdict = await playTurn({
  task,
  prompt,
  firstPrompt: firstPrompt(),
  read,
  write,
  say: (line) => console.log(`[scripted] ${line}`),
  think: (effort) => sleep(thinkMs * effort),
});
console.log(JSON.stringify(verdict));

/** A session's memory, as a real CLI has one: how the conversation began, also after an interruption. */
function firstPrompt(): string {
  if (memory === undefined || session === undefined) return prompt;
  const path = join(memory, `${session}.md`);
  const remembered = read(path);
  if (remembered === '') write(path, prompt);
  return remembered === '' ? prompt : remembered;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
