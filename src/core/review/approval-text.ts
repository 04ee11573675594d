import type { ObjectId, TaskId } from '../ids.ts';
import type { FileNumbers } from '../workspaces/ports.ts';

const MOST_FILES = 20;
const MOST_SUMMARY_CHARS = 4_000;
const SHORT_ID = 7;

/** What a person is asked, as Markdown: what was made, how much it is, and how to look. */
export function approvalText(work: {
  task: TaskId;
  title: string;
  /** Set when the work goes on after this step. */
  nextAgent: string | undefined;
  summary: string;
  head: ObjectId;
  files: readonly FileNumbers[];
}): string {
  const { task, title, nextAgent, summary, head, files } = work;
  const then = nextAgent === undefined ? 'merged' : `given to ${nextAgent}`;
  const parts = [
    `May the work of ${task} (${title}) be ${then}?`,
    summary.length > MOST_SUMMARY_CHARS ? `${summary.slice(0, MOST_SUMMARY_CHARS)} […]` : summary,
    [`${sumText(files)}, at ${head.slice(0, SHORT_ID)}`, ...fileLines(files)].join('\n'),
    `Look at it: cw task diff ${task}`,
  ];
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

function sumText(files: readonly FileNumbers[]): string {
  const insertions = files.reduce((sum, file) => sum + file.insertions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}, +${insertions} -${deletions}`;
}

function fileLines(files: readonly FileNumbers[]): string[] {
  const lines = files.slice(0, MOST_FILES).map(({ path, from, status, binary, insertions, deletions }) => {
    const name = from === undefined ? path : `${from} => ${path}`;
    return `- ${name} (${status}${binary ? ', binary' : `, +${insertions} -${deletions}`})`;
  });
  const more = files.length - lines.length;
  return more > 0 ? [...lines, `- and ${more} more`] : lines;
}
