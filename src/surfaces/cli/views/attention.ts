import type { QuestionRecord, Task } from '../../../core/tasks/task.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { cut } from '../width.ts';

/** What needs a person: questions, failures, blocked tasks; each with the command that goes on. */
export function renderAttention(
  source: { tasks: readonly Task[]; questions: readonly QuestionRecord[] },
  options: { width: number; paint: Paint },
): string[] {
  const { paint, width } = options;
  const line = (mark: string, text: string): string => `${mark} ${cut(safeLine(text), width - 2)}`;
  const command = (text: string): string => `    ${paint('dim', text)}`;
  const lines: string[] = [];
  for (const question of source.questions) {
    if (question.kind === 'approval') {
      lines.push(
        line(paint('yellow', '?'), `${question.task} waits for your approval`),
        command(
          `cw task diff ${question.task}   cw task approve ${question.task}   cw task reject ${question.task} "…"`,
        ),
      );
      continue;
    }
    const choices = question.options?.map((each, i) => ` [${i + 1}] ${each}`).join('') ?? '';
    lines.push(
      line(paint('yellow', '?'), `${question.task} asks: ${question.question}${choices}`),
      command(`cw inbox answer ${question.task} "…"`),
    );
  }
  for (const task of source.tasks) {
    if (task.state !== 'failed') continue;
    lines.push(
      line(paint('red', '✗'), `${task.id} failed: ${task.reason ?? 'no reason recorded'}`),
      command(`cw task logs ${task.id}   cw task retry ${task.id}`),
    );
  }
  for (const task of source.tasks) {
    if (task.state !== 'blocked') continue;
    lines.push(
      line(paint('red', '■'), `${task.id} is blocked: ${task.reason ?? 'something it needs failed'}`),
    );
  }
  return lines;
}
