import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject } from './project.ts';

const numbered = (count: number, word: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${word} ${at}`);

const code = (change: (line: number) => string | undefined): string =>
  Array.from({ length: 60 }, (_, at) => `${change(at) ?? `export const value${at} = ${at};`}\n`).join('');

const LONG = `export const long = '${'x'.repeat(120)}END';`;

/** Work in two files that waits for an approval, and two questions with answers to choose from. */
export async function askingProject(): Promise<E2eProject> {
  const questions = [
    { id: 'q1', question: 'Which ids?', options: numbered(8, 'ids of kind') },
    { id: 'q2', question: 'Which database?', options: ['sqlite', 'postgres'] },
  ];
  const changed = code(
    (at) => ({ 3: 'export const first = 1;', 40: 'export const second = 2;', 41: LONG })[at],
  );
  return await makeProject({
    files: { 'src/cart.ts': code(() => undefined) },
    config: { maxAgents: 3 },
    roadmap: {
      version: 1,
      tasks: [
        { id: 'asks', prompt: 'Ask.' },
        { id: 'cart', prompt: 'Make it.', approve: true },
      ],
    },
    script: {
      asks: [[{ result: { status: 'questions', questions } }]],
      cart: [
        [
          { print: numbered(100, 'line').join('\n') },
          { write: 'src/cart.ts', text: changed },
          { write: 'src/other.ts', text: 'export const other = 3;\n' },
          { result: { status: 'done', summary: numbered(40, 'reason').join('\n') } },
        ],
      ],
    },
  });
}

/** Works on it without a terminal until both tasks wait for a person. */
export async function untilAsked(project: E2eProject): Promise<RunningCw> {
  const running = await project.start(['run', '--json', '--watch']);
  for (const event of [/"type":"task.asked".*Which database/, /approve-1/])
    await running.line((line) => event.test(line));
  return running;
}

/** An editor that adds a line to the file that it is given. */
export function editorOf(project: E2eProject): string {
  const editor = join(project.directory, 'editor');
  writeFileSync(editor, '#!/bin/sh\necho "from the editor" >> "$1"\n');
  chmodSync(editor, 0o755);
  return editor;
}
