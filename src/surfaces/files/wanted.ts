import type { MessageRecord } from '../../core/tasks/message.ts';
import type { QuestionRecord, Task } from '../../core/tasks/task.ts';
import { containerPages } from './container-page.ts';
import { isOver, messagePage } from './message-page.ts';
import type { Records } from './parts.ts';
import { DONE, directoryIn, directoryOf, INBOX, nameOf, questionNames, taskPath } from './places.ts';
import type { PageText } from './print-page.ts';
import { questionPage } from './question-page.ts';
import { INBOX_README } from './readme.ts';
import { taskPage } from './task-page.ts';

/** A page that should be there, and what it is about. */
export type Wanted =
  | { readonly kind: 'task'; readonly page: PageText; readonly task: Task }
  | { readonly kind: 'question'; readonly page: PageText; readonly question: QuestionRecord }
  | { readonly kind: 'message'; readonly page: PageText; readonly message: MessageRecord }
  /** Codewalk alone writes it. */
  | { readonly kind: 'fixed'; readonly page: PageText };

/** Of what is settled the latest stay. */
const MOST_DONE = 200;

/** Every page by its path. `kept`: files beside pages in which a person's words were kept. */
export function wantedPages(records: Records, kept: ReadonlySet<string>): ReadonlyMap<string, Wanted> {
  const pages = new Map<string, Wanted>([[`${INBOX}/README.md`, { kind: 'fixed', page: INBOX_README }]]);
  addInbox(pages, records, kept);
  for (const task of records.tasks) {
    if (task.definition.adHoc === true) continue;
    const path = taskPath(task.definition);
    pages.set(path, { kind: 'task', page: taskPage(task, keptBeside(path, kept)), task });
  }
  if (records.roadmap === undefined) return pages;
  for (const [path, page] of containerPages(records.roadmap, records.tasks, records.summaries)) {
    pages.set(path, { kind: 'fixed', page });
  }
  return pages;
}

function addInbox(
  pages: Map<string, Wanted>,
  { questions, messages }: Records,
  kept: ReadonlySet<string>,
): void {
  const names = questionNames(questions);
  const settled: { readonly at: number; readonly path: string; readonly wanted: Wanted }[] = [];
  for (const question of questions) {
    const name = `${names.get(question) ?? question.task}.md`;
    const isOpen = question.state === 'open';
    const path = `${isOpen ? INBOX : DONE}/${name}`;
    const page = questionPage(question, keptBeside(path, kept));
    const wanted = { kind: 'question', page, question } as const;
    if (isOpen) pages.set(path, wanted);
    else settled.push({ at: question.answeredAt ?? question.askedAt, path, wanted });
  }
  for (const message of messages) {
    const wanted = { kind: 'message', page: messagePage(message), message } as const;
    const isSettled = message.from === 'person' || isOver(message);
    const path = `${isSettled ? DONE : INBOX}/${message.id}.md`;
    if (isSettled) settled.push({ at: message.sentAt, path, wanted });
    else pages.set(path, wanted);
  }
  settled.sort((a, b) => b.at - a.at);
  for (const { path, wanted } of settled.slice(0, MOST_DONE)) pages.set(path, wanted);
}

/** The directories in which a file adds a task, with the id of the container that it goes into. */
export function taskDirectories({ roadmap }: Records): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>([[directoryOf({}), undefined]]);
  if (roadmap === undefined) return found;
  const none = new Map<string, never>();
  for (const [path, page] of containerPages(roadmap, [], none)) {
    const id = page.head.find(([key]) => key === 'id')?.[1];
    if (id !== undefined) found.set(directoryIn(path), String(id));
  }
  return found;
}

/** The file in which a person's words for a page were kept. */
function keptBeside(path: string, kept: ReadonlySet<string>): string | undefined {
  if (kept.size === 0) return undefined;
  const stem = `${path.replace(/\.md$/, '')}.yours`;
  const found = [...kept].find(
    (each) => each.startsWith(stem) && /^(-\d+)?\.md$/.test(each.slice(stem.length)),
  );
  return found === undefined ? undefined : nameOf(found);
}
