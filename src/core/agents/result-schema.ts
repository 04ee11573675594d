import type { AgentSpec } from './ports.ts';

const text = { type: ['string', 'null'] } as const;

const question = {
  type: 'object',
  properties: {
    id: { type: 'string', description: 'A short name that is unique in this result' },
    question: { type: 'string' },
    options: { type: ['array', 'null'], items: { type: 'string' }, description: 'Answers to choose from' },
  },
  required: ['id', 'question', 'options'],
  additionalProperties: false,
} as const;

/**
 * The result that ends a step, as JSON Schema for the CLIs that take one. It keeps to the strict subset that OpenAI's
 * structured outputs ask for: an object at the root, no unions of objects, every field required and nullable instead.
 * `parseAgentResult` reads what comes back.
 */
export function resultSchema(agent: Pick<AgentSpec, 'verdict'>) {
  return {
    type: 'object',
    properties: {
      status: {
        type: 'string',
        enum: agent.verdict ? ['done', 'rejected', 'questions', 'error'] : ['done', 'questions', 'error'],
      },
      summary: { ...text, description: 'With done: what was done or found, for the people who read the log' },
      questions: {
        type: ['array', 'null'],
        items: question,
        description: 'With questions: what you cannot decide without an answer',
      },
      ...(agent.verdict
        ? {
            feedback: {
              ...text,
              description: 'With rejected: everything that must change, with file and line',
            },
          }
        : {}),
      reason: { ...text, description: 'With error: why the step cannot be done' },
    },
    required: ['status', 'summary', 'questions', ...(agent.verdict ? ['feedback'] : []), 'reason'],
    additionalProperties: false,
  } as const;
}
