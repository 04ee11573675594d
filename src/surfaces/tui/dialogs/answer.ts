import type { Answered } from '../../../core/api/ports.ts';
import type { QuestionRecord } from '../../../core/tasks/task.ts';
import type { FormEnd, FormOpening, FormSpec } from './form-dialog.ts';

/** Asks for the open questions of a task, one after the other; `question`: that one first. */
export function answerQuestions(given: { task: string; question?: string }): FormOpening {
  return {
    name: `answer.${given.task}`,
    title: `Answer ${given.task}`,
    operation: 'questions',
    input: { open: true, task: given.task },
    opens: (value) => {
      const open = (value as readonly QuestionRecord[]).filter(({ kind }) => kind === undefined);
      if (open.length === 0) return `${given.task} asks nothing that is open.`;
      const first = open.findIndex(({ id }) => id === given.question);
      return answerForm(open, Math.max(0, first));
    },
  };
}

const OWN_WORDS = '';

function answerForm(questions: readonly QuestionRecord[], at: number): FormSpec {
  const question = questions[at] as QuestionRecord;
  const { task, options = [], note } = question;
  const many = questions.length > 1;
  const others = questions.filter((each) => each !== question);
  return {
    name: `answer.${task}.${question.id}`,
    title: `${task} asks${many ? ` (${at + 1} of ${questions.length})` : ''}`,
    intro: [
      { text: question.question },
      ...(note === undefined ? [] : [{ text: `Left to you: ${note}`, look: 'dim' as const }]),
    ],
    fields: [
      ...(options.length === 0
        ? []
        : [
            {
              kind: 'choice' as const,
              name: 'option',
              label: 'Choose',
              options: [
                ...options.map((option) => ({ value: option, label: option })),
                { value: OWN_WORDS, label: 'In my own words' },
              ],
            },
          ]),
      {
        kind: 'text',
        name: 'text',
        label: options.length === 0 ? 'Answer' : 'In my own words',
        lines: true,
        hint: options.length === 0 ? '' : 'tab, and write',
      },
    ],
    action: 'answer',
    submit: ({ option = OWN_WORDS, text = '' }, focus) => {
      // Whoever stands on an option means that; else what is written counts.
      const answer = (focus === 'option' ? option : OWN_WORDS) || text.trim();
      return answer === ''
        ? { kind: 'missing', field: 'text', text: 'There is no answer yet.' }
        : { kind: 'call', operation: 'answer', input: { task, question: question.id, answer } };
    },
    done: (value) => ended(value as Answered, others, `Answered ${task}.`),
    keys: {
      ...(many
        ? {
            nextQuestion: {
              help: 'next question',
              open: () => answerForm(questions, (at + 1) % questions.length),
            },
          }
        : {}),
      withdraw: { help: 'withdraw', open: () => withdrawForm(question, others) },
    },
  };
}

/** Takes a question back that nobody will answer. */
function withdrawForm(question: QuestionRecord, others: readonly QuestionRecord[]): FormSpec {
  const { task, id } = question;
  return {
    name: `withdraw.${task}.${id}`,
    title: `Withdraw the question of ${task}`,
    intro: [{ text: question.question }, { text: 'Its agent goes on by its own judgement.', look: 'dim' }],
    fields: [{ kind: 'text', name: 'reason', label: 'Why (may be empty)', lines: true }],
    action: 'withdraw',
    submit: ({ reason = '' }) => ({
      kind: 'call',
      operation: 'withdraw',
      input: { task, question: id, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
    }),
    done: (value) => ended(value as Answered, others, `Withdrew a question of ${task}.`),
  };
}

function ended({ isAtWork }: Answered, others: readonly QuestionRecord[], what: string): FormEnd {
  const notice = isAtWork ? what : `${what} Nobody is at work who takes it up: cw run`;
  return others.length === 0
    ? { kind: 'close', notice }
    : { kind: 'next', opened: answerForm(others, 0), notice };
}
