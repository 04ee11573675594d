import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** A document with a part that a program writes, one section for each thing that it ran. */
export interface Report {
  /** Path of the document. */
  readonly path: string;
  /** Lines around the part; absent: it goes to the end of the document. */
  readonly begin: string;
  readonly end: string;
  /** Titles of all sections, in order; one that is not among them is dropped. */
  readonly order: readonly string[];
}

/**
 * Puts a section in the place of the one with the same title, and leaves the others as they are: each says itself what
 * it ran on.
 */
export function writeSection(report: Report, section: { title: string; text: string }): void {
  const text = readFileSync(report.path, 'utf8');
  const from = text.indexOf(report.begin) + report.begin.length;
  const to = text.indexOf(report.end);
  if (from < report.begin.length || to < from) throw new Error(`${report.path} has no place for a report`);
  const sections = sectionsOf(text.slice(from, to));
  sections.set(section.title, section.text.trim());
  const body = report.order.flatMap((title) => {
    const kept = sections.get(title);
    return kept === undefined ? [] : [`### ${title}\n\n${kept}\n`];
  });
  writeFileSync(report.path, `${text.slice(0, from)}\n${body.join('\n')}${text.slice(to)}`);
}

/** Texts by title. */
export function sectionsOf(part: string): Map<string, string> {
  const sections = new Map<string, string>();
  for (const piece of part.split(/^### /m).slice(1)) {
    const [title = '', ...lines] = piece.split('\n');
    sections.set(title, lines.join('\n').trim());
  }
  return sections;
}

/** What was measured on what: the machine, and the commit, with a `+` when files differ from it. */
export function measuredOn(): string {
  const [cpu] = cpus();
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', ':/src', ':/bin').length > 0 ? '+' : '';
  const commit = `${git('rev-parse', '--short', 'HEAD')}${changed}`;
  return `${commit} on ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
}
