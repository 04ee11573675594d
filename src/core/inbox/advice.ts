import * as z from 'zod';

/** What the orchestrator's agent says about one question: an answer, or why it leaves it to a person. */
export type Advice = { readonly answer: string } | { readonly leave: string };

const text = { type: ['string', 'null'] } as const;

/** The result of a turn that answers questions, as JSON Schema for the CLIs that take one; see `resultSchema`. */
export const ADVICE_SCHEMA = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['done'] },
    answers: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', description: 'The id of the question, as it stands in its heading' },
          answer: { ...text, description: 'The answer, or the number of an offered option' },
          leave: { ...text, description: 'In place of an answer: why a person must decide' },
        },
        required: ['id', 'answer', 'leave'],
        additionalProperties: false,
      },
    },
  },
  required: ['status', 'answers'],
  additionalProperties: false,
} as const;

const entry = z.object({
  id: z.string().max(200),
  answer: z.string().trim().min(1).max(20_000).nullish(),
  leave: z.string().trim().max(2_000).nullish(),
});

/** What was said about each question, by its id. What cannot be read is left out; `undefined`: there is nothing to read. */
export function parseAdvice(answers: unknown): ReadonlyMap<string, Advice> | undefined {
  if (!Array.isArray(answers)) return undefined;
  const advice = new Map<string, Advice>();
  for (const each of answers) {
    const parsed = entry.safeParse(each);
    if (!parsed.success) continue;
    const { id, answer, leave } = parsed.data;
    if (answer !== undefined && answer !== null) advice.set(id, { answer });
    else advice.set(id, { leave: leave ?? 'it did not say why' });
  }
  return advice;
}
