import type { FileNumbers } from '../../../core/workspaces/ports.ts';

/** One line of a unified diff. `old` and `new` are line numbers from 1. */
export type DiffLine =
  | { readonly kind: 'hunk'; readonly text: string }
  | { readonly kind: 'same'; readonly old: number; readonly new: number; readonly text: string }
  | { readonly kind: 'removed'; readonly old: number; readonly text: string }
  | { readonly kind: 'added'; readonly new: number; readonly text: string }
  /** Something about the file that is no line of it. */
  | { readonly kind: 'note'; readonly text: string };

/** What was changed in one file. */
export interface FileDiff extends FileNumbers {
  /** Undefined: its part of the diff is not there. */
  readonly lines: readonly DiffLine[] | undefined;
}

/** The files with their parts of the diff, which git prints in the order of the files. */
export function parseDiff(text: string, files: readonly FileNumbers[]): readonly FileDiff[] {
  const parts = text.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '));
  return files.map((file, at) => {
    const part = parts[at];
    return { ...file, lines: part === undefined ? undefined : linesOf(part) };
  });
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;
const HEADER = /^(diff --git |index |--- |\+\+\+ |similarity |dissimilarity )/;

function linesOf(part: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [old, next] = [0, 0];
  let isInHunk = false;
  for (const text of part.replace(/\n$/, '').split('\n')) {
    const hunk = HUNK.exec(text);
    if (hunk !== null) {
      [old, next, isInHunk] = [Number(hunk[1]), Number(hunk[2]), true];
      lines.push({ kind: 'hunk', text });
    } else if (!isInHunk) {
      if (!HEADER.test(text)) lines.push({ kind: 'note', text });
    } else if (text.startsWith('+')) lines.push({ kind: 'added', new: next++, text: text.slice(1) });
    else if (text.startsWith('-')) lines.push({ kind: 'removed', old: old++, text: text.slice(1) });
    else if (text.startsWith(' ')) {
      lines.push({ kind: 'same', old: old++, new: next++, text: text.slice(1) });
    } else lines.push({ kind: 'note', text: text.replace(/^\\ /, '') });
  }
  return lines;
}

/** The line of the file as it is now that a line of the diff stands at, or that comes after what was removed there. */
export function lineNumberAt(lines: readonly DiffLine[], at: number): number | undefined {
  const here = lines[at];
  if (here === undefined) return undefined;
  if ('new' in here) return here.new;
  for (const line of lines.slice(at + 1)) if ('new' in line) return line.new;
  const before = lines.slice(0, at).findLast((line) => 'new' in line);
  return before !== undefined && 'new' in before ? before.new : undefined;
}
