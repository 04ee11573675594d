import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { MessageRecord } from '../../../core/tasks/message.ts';
import type { QuestionRecord, Task } from '../../../core/tasks/task.ts';
import type { TaskTable } from './task-table.ts';

/** One thing that waits for the person. */
export type InboxItem =
  | { readonly kind: 'question' | 'approval'; readonly at: number; readonly question: QuestionRecord }
  | { readonly kind: 'message'; readonly at: number; readonly message: MessageRecord }
  /** `ROADMAP_HELD` asks for a yes; anything else is a file that cannot be used. */
  | { readonly kind: 'roadmap'; readonly at: number; readonly problem: ErrorFacts }
  /** It goes on when somebody retries it. */
  | { readonly kind: 'failed'; readonly at: number; readonly task: Task };

const MOST_FAILED = 200;

/** What is wrong with the roadmap first, then the oldest first; failed tasks last. */
export function inboxOf(source: {
  readonly questions: readonly QuestionRecord[];
  readonly messages: readonly MessageRecord[];
  readonly roadmapProblem?: ErrorFacts | undefined;
  readonly tasks: TaskTable;
}): readonly InboxItem[] {
  const { questions, messages, roadmapProblem: problem, tasks } = source;
  const roadmap: InboxItem[] = problem === undefined ? [] : [{ kind: 'roadmap', at: 0, problem }];
  const said: InboxItem[] = [
    ...questions.map(
      (question): InboxItem => ({
        kind: question.kind === 'approval' ? 'approval' : 'question',
        at: question.askedAt,
        question,
      }),
    ),
    ...messages.map((message): InboxItem => ({ kind: 'message', at: message.sentAt, message })),
  ];
  const failed = tasks.groups.failed.slice(0, MOST_FAILED).flatMap((place): InboxItem[] => {
    const task = tasks.at(place);
    return task === undefined ? [] : [{ kind: 'failed', at: task.finishedAt ?? 0, task }];
  });
  return [...roadmap, ...said.sort((a, b) => a.at - b.at), ...failed.sort((a, b) => a.at - b.at)];
}
