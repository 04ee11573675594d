import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { MessageRecord } from '../../../core/tasks/message.ts';
import type { QuestionRecord, Task } from '../../../core/tasks/task.ts';
import type { EventRow } from './event-rows.ts';
import type { ClosedAccount, ProposedPlan, Records, Spending } from './records.ts';

/** One thing that waits for the person. */
export type InboxItem =
  | { readonly kind: 'question' | 'approval'; readonly at: number; readonly question: QuestionRecord }
  | { readonly kind: 'message'; readonly at: number; readonly message: MessageRecord }
  /** `ROADMAP_HELD` asks for a yes; anything else is a file that cannot be used. */
  | { readonly kind: 'roadmap'; readonly at: number; readonly problem: ErrorFacts }
  /** It comes into the roadmap when a person applies it. */
  | { readonly kind: 'plan'; readonly at: number; readonly plan: ProposedPlan }
  /** Its credential is refused, or there is no money left: nothing but a person mends that. */
  | { readonly kind: 'account'; readonly at: number; readonly account: ClosedAccount }
  /** Nothing more is begun before it is raised, or the day is over. */
  | { readonly kind: 'budget'; readonly at: number; readonly budget: Spending['budgets'][number] }
  /** The merged work could not be brought into the branch. `text` says why. */
  | { readonly kind: 'delivery'; readonly at: number; readonly text: string }
  /** It goes on when somebody retries it. */
  | { readonly kind: 'failed'; readonly at: number; readonly task: Task };

const MOST_FAILED = 200;

type Source = Pick<
  Records,
  'questions' | 'messages' | 'plans' | 'roadmapProblem' | 'accounts' | 'spending' | 'events' | 'tasks'
>;

/** What holds up the whole project first, then the oldest first; failed tasks last. */
export function inboxOf(source: Source): readonly InboxItem[] {
  const { questions, messages, plans, roadmapProblem: problem, tasks } = source;
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
    ...plans.map((plan): InboxItem => ({ kind: 'plan', at: plan.at, plan })),
    ...refusedDelivery(source.events),
  ];
  const failed = tasks.groups.failed.slice(0, MOST_FAILED).flatMap((place): InboxItem[] => {
    const task = tasks.at(place);
    return task === undefined ? [] : [{ kind: 'failed', at: task.finishedAt ?? 0, task }];
  });
  return [
    ...roadmap,
    ...heldUp(source),
    ...said.sort((a, b) => a.at - b.at),
    ...failed.sort((a, b) => a.at - b.at),
  ];
}

/** Accounts and budgets that a person has to do something about. */
function heldUp({ accounts, spending }: Source): readonly InboxItem[] {
  const closed = accounts.filter(({ cause }) => cause === 'auth' || cause === 'billing');
  const spent = spending.budgets.filter(({ leftUsd }) => leftUsd <= 0);
  return [
    ...closed.map((account): InboxItem => ({ kind: 'account', at: 0, account })),
    ...spent.map((budget): InboxItem => ({ kind: 'budget', at: 0, budget })),
  ];
}

/** The latest delivery, when it was refused. */
function refusedDelivery(events: readonly EventRow[]): readonly InboxItem[] {
  const latest = events.findLast(({ type }) => type.startsWith('delivery.'));
  if (latest?.type !== 'delivery.refused') return [];
  return [{ kind: 'delivery', at: latest.at, text: latest.text }];
}
