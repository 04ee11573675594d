import type { Question } from '../agents/outcome.ts';
import { crashPoint } from '../crash-points.ts';
import { awaitAnswers, newestOf } from '../inbox/await-answers.ts';
import { nameApart } from '../inbox/name-apart.ts';
import { stageOf } from '../inbox/stage.ts';
import { type AttemptContext, type AttemptEnd, untoldAnswers } from './attempt-context.ts';

/**
 * A turn ended with questions. Those that the orchestrator's agent may answer are put to it, and waited for as long as
 * an agent may keep its slot (`mayWait`: it did not do so already). When nothing is open then, the attempt goes on at
 * once in the same session; else it ends, and the answers begin the next one.
 */
export async function settleQuestions(
  context: AttemptContext,
  turn: {
    readonly step: number;
    readonly role: string;
    readonly questions: readonly Question[];
    readonly mayWait: boolean;
  },
): Promise<AttemptEnd | undefined> {
  const { engine, claim, journal } = context;
  const { store, config } = engine;
  const { task, attempt } = claim;
  const { step, role } = turn;
  const known = await store.questions({ task });
  const named = nameApart(turn.questions, known);
  const questions = named.map(({ own, id }) => ({ ...own, id }));
  const fresh = questions.filter((_, index) => named[index]?.isNew);
  const first = fresh.filter((each) => stageOf(each, { config, role, known }) === 'orchestrator');
  // With the step's own end, in one transaction.
  if (first.length > 0) {
    journal.note({ type: 'question.asked', task, attempt, step, questions: first, stage: 'orchestrator' });
  }
  if (first.length === fresh.length) {
    await journal.commit();
    crashPoint('question.put');
    const records = turn.mayWait ? await waitForAdvice(context, questions) : undefined;
    if (context.signal.aborted) return undefined;
    const now = records ?? newestOf(await store.questions({ task }), idsOf(questions));
    if (now.every(({ state }) => state !== 'open')) {
      context.answers = untoldAnswers(await store.questions({ task }));
      return undefined;
    }
  }
  await context.settle();
  // What is answered by now is not open again by that: then the task is back in the queue at once.
  await journal.commit({ type: 'task.asked', task, attempt, step, questions });
  return 'waiting';
}

/** Only as long as the orchestrator's agent may still answer all of them: a person takes their time. */
async function waitForAdvice({ engine, claim, signal }: AttemptContext, questions: readonly Question[]) {
  using _lent = engine.slots.lend();
  return await awaitAnswers(engine, {
    task: claim.task,
    ids: idsOf(questions),
    waitMs: engine.config.questions.waitMs,
    signal,
    enough: (records) => records.some(({ state, stage }) => state === 'open' && stage === 'person'),
  });
}

function idsOf(questions: readonly Question[]): readonly string[] {
  return questions.map(({ id }) => id);
}
