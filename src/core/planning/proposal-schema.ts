const text = { type: 'string' } as const;
const maybe = { type: ['string', 'null'] } as const;
const texts = { type: 'array', items: { type: 'string' } } as const;
const maybeTexts = { type: ['array', 'null'], items: { type: 'string' } } as const;

function object<P extends Record<string, unknown>>(properties: P) {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  } as const;
}

const task = object({
  id: { ...text, description: 'Letters, digits, ".", "_", "-"; free in the roadmap' },
  title: { ...text, description: 'One line' },
  prompt: {
    ...text,
    description: 'All that its agent has to know: it sees nothing but this and the repository',
  },
  depends_on: { ...texts, description: 'Ids that must be finished before' },
  files: { ...texts, description: 'Paths and globs that it will write' },
  group: { ...maybe, description: 'Id of the phase or plan that it stands in' },
  agent: maybe,
  workflow: maybe,
  priority: { type: ['string', 'null'], enum: ['critical', 'high', 'medium', 'low', null] },
  verify: { ...maybe, description: 'Command line that must exit 0 on the merged tree' },
  exit_criteria: texts,
  issues: { type: ['array', 'null'], items: { type: 'integer' }, description: 'Numbers of the given issues' },
});

const group = object({
  id: text,
  level: { type: 'string', enum: ['phase', 'plan'] },
  title: text,
  goal: maybe,
  wave: { type: ['integer', 'null'], description: 'Of a plan: wave 2 begins when all of wave 1 is finished' },
  depends_on: texts,
  into: { ...maybe, description: 'Id of the phase or initiative that it stands in' },
});

const change = object({
  id: { ...text, description: 'A task that is in the roadmap' },
  depends_on: maybeTexts,
  title: maybe,
  prompt: maybe,
  files: maybeTexts,
  agent: maybe,
  verify: maybe,
});

const question = object({ id: text, question: text, options: maybeTexts });

/**
 * The result that ends a turn of planning, as JSON Schema for the CLIs that take one; in the same strict subset as
 * `resultSchema`. `parseProposal` reads what comes back in `plan`.
 */
export const planResultSchema = object({
  status: { type: 'string', enum: ['done', 'questions', 'error'] },
  summary: { ...maybe, description: 'With done: the plan in one or two sentences' },
  plan: {
    ...object({
      title: text,
      summary: { ...maybe, description: 'Why it is split like this' },
      serial: { type: ['boolean', 'null'], description: 'Working one after the other is better here' },
      serial_reason: maybe,
      groups: { type: ['array', 'null'], items: group },
      tasks: { type: 'array', items: task },
      changes: { type: ['array', 'null'], items: change, description: 'Of tasks that are in the roadmap' },
      remove: { ...maybeTexts, description: 'Ids of tasks of the roadmap that are of no use any more' },
    }),
    type: ['object', 'null'],
    description: 'With done',
  },
  questions: {
    type: ['array', 'null'],
    items: question,
    description: 'With questions: what only a person can decide',
  },
  reason: { ...maybe, description: 'With error: why there can be no plan' },
});
