import type { TaskId } from '../ids.ts';
import type { PullRequestText } from './ports.ts';

/** A task as the reviewers of a pull request read of it. */
export interface ProposedTask {
  readonly id: TaskId;
  readonly title: string;
  readonly summary: string;
}

/** What we wrote is between these lines; the rest of a description is people's own. */
const BEGIN = '<!-- codewalk: what is below is written anew by cw deliver -->';
const END = '<!-- codewalk: end -->';
const MOST_SUMMARY_CHARS = 1_500;
/** GitHub takes 65,536 characters. */
const MOST_CHARS = 60_000;
const MOST_TITLE_CHARS = 120;
const OUR_TITLE = /^Deliver (\d+ tasks?: |the work of )/;

/**
 * The text of a pull request that brings in these tasks. Of one that is there already, what people wrote around ours
 * stays, and so does a title that is not ours.
 */
export function proposalText(
  tasks: readonly ProposedTask[],
  { branch, now }: { branch: string; now: PullRequestText | undefined },
): PullRequestText {
  const title = now === undefined || OUR_TITLE.test(now.title) ? titleOf(tasks, branch) : now.title;
  const ours = `${BEGIN}\n${bodyOf(tasks, branch)}\n${END}`;
  return { title, body: withOurs(now?.body ?? '', ours) };
}

function titleOf(tasks: readonly ProposedTask[], branch: string): string {
  const what =
    tasks.length === 0 ? `the work of ${branch}` : `${tasks.length} ${word(tasks)}: ${names(tasks)}`;
  const title = `Deliver ${what}`;
  return title.length > MOST_TITLE_CHARS ? `${title.slice(0, MOST_TITLE_CHARS - 1)}…` : title;
}

function word(tasks: readonly ProposedTask[]): string {
  return tasks.length === 1 ? 'task' : 'tasks';
}

function names(tasks: readonly ProposedTask[]): string {
  return tasks.map(({ title }) => title).join(', ');
}

function bodyOf(tasks: readonly ProposedTask[], branch: string): string {
  const parts = [`Brings in ${tasks.length} ${word(tasks)} from \`${branch}\`.`];
  let chars = 0;
  for (const [index, { id, title, summary }] of tasks.entries()) {
    const cut = summary.length > MOST_SUMMARY_CHARS ? `${summary.slice(0, MOST_SUMMARY_CHARS)} […]` : summary;
    const part = `### ${harmless(id)}: ${harmless(title)}\n\n${harmless(cut.trim())}`.trim();
    chars += part.length + 2;
    if (chars > MOST_CHARS) {
      parts.push(
        `And ${tasks.length - index} more: ${tasks
          .slice(index)
          .map(({ id }) => harmless(id))
          .join(', ')
          .slice(0, 2_000)}`,
      );
      break;
    }
    parts.push(part);
  }
  return parts.join('\n\n');
}

/**
 * Agents' text that calls nobody, closes no issue and hides nothing: a name after `@`, a number after `#` and the
 * beginning of a comment are broken by a character that nobody sees.
 */
function harmless(text: string): string {
  return text.replace(/([@#])(?=\w)/g, '$1\u2060').replaceAll('<!--', '<\u2060!--');
}

function withOurs(body: string, ours: string): string {
  const from = body.indexOf(BEGIN);
  const to = body.indexOf(END, from);
  if (from < 0 || to < 0) return body.trim() === '' ? ours : `${body.trimEnd()}\n\n${ours}`;
  return `${body.slice(0, from)}${ours}${body.slice(to + END.length)}`;
}
