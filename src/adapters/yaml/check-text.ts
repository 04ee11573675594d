import type { RoadmapProblems } from '../../core/roadmap/problem.ts';

const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/;

/** What is wrong with the text whatever YAML makes of it: control characters, a merge left half done, nothing at all. */
export function checkText(text: string, problems: RoadmapProblems): void {
  let empty = true;
  let conflict = false;
  text.split('\n').forEach((line, i) => {
    const control = line.search(/[^\P{Cc}\t\r\u0085]/u);
    if (control !== -1) {
      const code = line.charCodeAt(control).toString(16).padStart(2, '0');
      problems.add(
        { line: i + 1, col: control + 1 },
        'control-character',
        `The character 0x${code}${code === '00' ? ' (NUL)' : ''} does not belong into a text file.`,
        'Remove it, or save the file again as UTF-8 text.',
      );
    }
    if (!conflict && CONFLICT.test(line)) {
      conflict = true;
      problems.add(
        { line: i + 1, col: 1 },
        'merge-conflict',
        'The file holds a git merge conflict that nobody has resolved.',
        'Keep one of the two versions and delete the lines <<<<<<<, ======= and >>>>>>>.',
      );
    }
    empty &&= /^\s*(#|$|---\s*$|\.\.\.\s*$)/.test(line);
  });
  if (empty && problems.size === 0) {
    problems.add(
      { line: 1, col: 1 },
      'empty',
      'The file is empty.',
      'Write "tasks:" with a list of tasks below it, or run: cw init',
    );
  }
}
