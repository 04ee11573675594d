import type { RoadmapProblems } from '../../core/roadmap/problem.ts';

const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/;

/** Whatever may be one of these; most texts have none, and are looked through once. */
const SUSPECT = /[^\P{Cc}\t\n\r\u0085]|^(?:<{7}|>{7}|\|{7})/mu;
const NOTHING = /^\s*(#|$|---\s*$|\.\.\.\s*$)/;

/** What is wrong with the text whatever YAML makes of it: control characters, a merge left half done, nothing at all. */
export function checkText(text: string, problems: RoadmapProblems): void {
  if (SUSPECT.test(text)) checkLines(text.split('\n'), problems);
  if (problems.size === 0 && isEmpty(text)) {
    problems.add(
      { line: 1, col: 1 },
      'empty',
      'The file is empty.',
      'Write "tasks:" with a list of tasks below it, or run: cw init',
    );
  }
}

function checkLines(lines: readonly string[], problems: RoadmapProblems): void {
  let conflict = false;
  lines.forEach((line, i) => {
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
  });
}

function isEmpty(text: string): boolean {
  for (let start = 0; start <= text.length; ) {
    const end = text.indexOf('\n', start);
    if (!NOTHING.test(text.slice(start, end === -1 ? text.length : end))) return false;
    if (end === -1) return true;
    start = end + 1;
  }
  return true;
}
