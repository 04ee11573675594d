import type { Container } from '../roadmap/graph.ts';
import type { Task } from '../tasks/task.ts';

const MADE_CHARS = 6_000;
const LINE_CHARS = 300;

/** What is left of a container when all of it is over. */
export interface PlanSummary {
  readonly done: number;
  readonly total: number;
  /** What was made, as Markdown: one line a task. */
  readonly made: string;
  /** When the last of its tasks was over, epoch ms. */
  readonly finishedAt: number;
}

/** The summary of a container by its members; made from what their agents said, and bounded. */
export function summaryOf({ members }: Pick<Container, 'members'>, tasks: readonly Task[]): PlanSummary {
  const known = new Map<string, Task>(tasks.map((task) => [task.id, task]));
  const own = members.flatMap((id) => known.get(id) ?? []);
  const done = own.filter(({ state }) => state === 'done');
  const lines = own.map((task) => lineOf(task));
  let made = '';
  let shown = 0;
  for (const line of lines) {
    if (made.length + line.length > MADE_CHARS) break;
    made += `${made === '' ? '' : '\n'}${line}`;
    shown += 1;
  }
  if (shown < lines.length) made += `\n- and ${lines.length - shown} more`;
  return {
    done: done.length,
    total: members.length,
    made,
    finishedAt: Math.max(0, ...own.map(({ finishedAt }) => finishedAt ?? 0)),
  };
}

function lineOf({ id, state, definition, summary, reason }: Task): string {
  const said = (state === 'done' ? summary : reason) ?? '';
  const text = said === '' ? definition.title : said;
  const head = state === 'done' ? `- ${id}: ` : `- ${id} (${state}): `;
  return head + oneLine(text);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS - 1)}…` : line;
}
