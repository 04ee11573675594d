import type { FileNumbers, FileStatus } from '../../../core/workspaces/ports.ts';
import type { IntroText } from './form-dialog.ts';

const MARKS: Readonly<Record<FileStatus, string>> = {
  added: 'A',
  deleted: 'D',
  modified: 'M',
  renamed: 'R',
  retyped: 'T',
};

/** One line for each file: how it was changed, its name, and how many lines came and went. */
export function changedFiles(files: readonly FileNumbers[]): readonly IntroText[] {
  return files.map((file) => ({ text: fileLine(file) }));
}

export function fileLine({ status, path, from, insertions, deletions, binary }: FileNumbers): string {
  const name = from === undefined ? path : `${from} => ${path}`;
  return `${MARKS[status]} ${name}  ${binary ? 'binary' : `+${insertions} -${deletions}`}`;
}
