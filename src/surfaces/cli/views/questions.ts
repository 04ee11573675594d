import type { QuestionRecord } from '../../../core/tasks/task.ts';
import { duration } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';

/** A question in every `--json` answer. */
export function questionJson(question: QuestionRecord): unknown {
  return {
    task: question.task,
    id: question.id,
    question: question.question,
    kind: question.kind ?? null,
    commit: question.approves?.commit ?? null,
    options: question.options ?? [],
    attempt: question.attempt,
    step: question.step,
    stage: question.stage,
    state: question.state,
    note: question.note ?? null,
    askedAt: new Date(question.askedAt).toISOString(),
    answer: question.answer ?? null,
    answeredAt: question.answeredAt === undefined ? null : new Date(question.answeredAt).toISOString(),
    answeredBy: question.answeredBy ?? null,
  };
}

/** Who is to answer it now, or what became of it. */
function standing(question: QuestionRecord, paint: Paint): string[] {
  const by = safeLine(question.answeredBy ?? 'somebody');
  const note = question.note === undefined || question.note === '' ? '' : `: ${safeLine(question.note)}`;
  switch (question.state) {
    case 'answered':
      return [`  ${paint('green', `answered by ${by}:`)} ${safeLine(question.answer ?? '')}`];
    case 'withdrawn':
      return [`  ${paint('dim', `withdrawn by ${by}${note}`)}`];
    case 'dropped':
      return [`  ${paint('dim', 'its task ended without an answer')}`];
    case 'open':
      if (question.stage === 'orchestrator') {
        return [`  ${paint('dim', 'the orchestrator agent looks into it; you may be quicker')}`];
      }
      return note === '' ? [] : [`  ${paint('dim', `the orchestrator agent leaves it to you${note}`)}`];
  }
}

/** The inbox: each question with its options and the command that answers it. */
export function renderQuestions(
  questions: readonly QuestionRecord[],
  options: { now: number; paint: Paint },
): string[] {
  const { now, paint } = options;
  const asksSeveral = new Set<string>();
  const seen = new Set<string>();
  for (const { task, state } of questions) {
    if (state !== 'open') continue;
    if (seen.has(task)) asksSeveral.add(task);
    seen.add(task);
  }
  return questions.flatMap((question, index) => {
    const age = `${duration(now - question.askedAt)} ago`;
    const lines = [
      ...(index === 0 ? [] : ['']),
      `${paint('bold', safeLine(question.task))}  ${paint('dim', `question ${safeLine(question.id)}, ${age}`)}`,
      ...question.question.split(/\r?\n/).map((line) => `  ${safeLine(line)}`),
      ...(question.kind === 'approval' ? [] : (question.options ?? [])).map(
        (each, i) => `  [${i + 1}] ${safeLine(each)}`,
      ),
    ];
    lines.push(...standing(question, paint));
    if (question.state !== 'open') return lines;
    if (question.kind === 'approval') {
      const { task } = question;
      lines.push(
        `    ${paint('dim', `cw task approve ${task}   cw task reject ${task} "what must change"`)}`,
      );
    } else {
      const which = asksSeveral.has(question.task) ? ` --question ${safeLine(question.id)}` : '';
      lines.push(`    ${paint('dim', `cw inbox answer ${question.task} "…"${which}`)}`);
    }
    return lines;
  });
}
