import type { FileNumbers, FileStatus } from '../../core/workspaces/ports.ts';
import type { CliContext } from './context.ts';
import { count } from './format.ts';
import { printLines } from './print.ts';
import { safeBlock, safeLine } from './safe-text.ts';
import type { Paint } from './style.ts';
import { pad, textWidth } from './width.ts';

/** To a pipe it goes byte for byte, so that `git apply` can take it; a terminal gets nothing that acts on it. */
export function printDiff({ io, paint }: CliContext, diff: string): void {
  const text = io.outIsTerminal ? colourDiff(safeBlock(diff), paint) : diff;
  io.out(text.endsWith('\n') ? text : `${text}\n`);
}

/** One line for each file, and the sum. */
export function printNumbers(context: CliContext, files: readonly FileNumbers[]): void {
  printLines(context, renderNumbers(files, context.paint));
}

const MARKS: Readonly<Record<FileStatus, string>> = {
  added: 'A',
  deleted: 'D',
  modified: 'M',
  renamed: 'R',
  retyped: 'T',
};

/** One line for each file, and the sum. Names are shown so that nothing in them acts on a terminal. */
function renderNumbers(files: readonly FileNumbers[], paint: Paint): string[] {
  const names = files.map(({ path, from }) => safeLine(from === undefined ? path : `${from} => ${path}`));
  const width = Math.max(...names.map(textWidth));
  const lines = files.map((file, i) => {
    const name = `${MARKS[file.status]} ${pad(names[i] ?? '', width)}`;
    if (file.binary) return `${name}  binary`;
    const added = paint('green', `+${file.insertions}`.padStart(6));
    return `${name}  ${added} ${paint('red', `-${file.deletions}`.padStart(6))}`;
  });
  return [...lines, sumText(files)];
}

/** `3 files, +10 -2` */
function sumText(files: readonly FileNumbers[]): string {
  const { insertions, deletions } = sumOf(files);
  return `${count(files.length, 'file')}, +${insertions} -${deletions}`;
}

export function sumOf(files: readonly FileNumbers[]): { insertions: number; deletions: number } {
  return {
    insertions: files.reduce((sum, file) => sum + file.insertions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
}

function colourDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => {
      if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) {
        return paint('bold', line);
      }
      if (line.startsWith('@@')) return paint('cyan', line);
      if (line.startsWith('+')) return paint('green', line);
      if (line.startsWith('-')) return paint('red', line);
      return line;
    })
    .join('\n');
}
