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
    askedAt: new Date(question.askedAt).toISOString(),
    answer: question.answer ?? null,
    answeredAt: question.answeredAt === undefined ? null : new Date(question.answeredAt).toISOString(),
    answeredBy: question.answeredBy ?? null,
  };
}

/** The inbox: each question with its options and the command that answers it. */
export function renderQuestions(
  questions: readonly QuestionRecord[],
  options: { now: number; paint: Paint },
): string[] {
  const { now, paint } = options;
  const asksSeveral = new Set<string>();
  const seen = new Set<string>();
  for (const { task, answer } of questions) {
    if (answer !== undefined) continue;
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
    if (question.answer !== undefined) {
      lines.push(
        `  ${paint('green', `answered by ${safeLine(question.answeredBy ?? 'somebody')}:`)} ${safeLine(question.answer)}`,
      );
    } else if (question.kind === 'approval') {
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
