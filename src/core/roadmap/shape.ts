import * as z from 'zod';
import { ID_PATTERN } from '../id-pattern.ts';
import { PRIORITIES } from './model.ts';

/**
 * The file as editors are told about it (`schema/roadmap.schema.json`) and the only list of the keys that each
 * level may have. `parse.ts` reads the values itself, because each of its messages needs the place in the file.
 */
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const id = z
  .union([z.string().regex(ID_PATTERN), z.number()])
  .describe('Letters, digits, ".", "_" and "-", at most 64, unique in the file.');
const text = scalar.nullish();
const ids = z.union([id, z.array(id)]).nullish();
const anything = z.unknown().optional();

const title = text.describe('One line for people.');
const description = text;
const dependsOn = ids.describe('Ids of tasks, plans, phases or initiatives that must be finished before.');
const older = { domain: text, cluster: text, owner: text, notes: text, kpi: anything, set_id: text };
const was = ids.describe('Ids that it had before: all that it was goes on under its new id.');
const status = text.describe(
  'done: finished before Codewalk came; cancelled: left out; anything else: still to do.',
);

export const DURATION_RULE = 'a duration such as 90s, 30m or 1h30m; a number alone is seconds';
export const PRIORITY_WORDS = Object.keys(PRIORITIES) as (keyof typeof PRIORITIES)[];
export const FAILURE_MODES = ['hard', 'soft', 'skip'] as const;
export const CRITERION_KINDS = ['critic', 'doc', 'artifact', 'note'] as const;

const priority = z
  .union([z.enum(PRIORITY_WORDS), z.int().min(0).max(1_000)])
  .nullish()
  .describe('Higher runs first: critical is 100, high 75, medium 50, low 25.');

const settings = {
  agent: text.describe('Role that works on it, from `agents` in the config.'),
  workflow: text.describe('Steps it goes through, from `workflows` in the config.'),
  priority,
  verify: text.describe('Command line that must exit 0 on the merged tree before the merge counts.'),
  on_failure: z
    .enum(FAILURE_MODES)
    .nullish()
    .describe('hard: dependents are blocked; soft: they may run; skip: the failure counts as success.'),
  approve: z
    .boolean()
    .nullish()
    .describe('A person has to approve the work before it is merged: cw task approve.'),
  timeout: z.union([z.string(), z.number()]).nullish().describe(`Limit of one attempt: ${DURATION_RULE}.`),
  max_attempts: z.int().min(1).max(20).nullish().describe('Attempts that may fail before the task does.'),
  budget: z
    .strictObject({
      usd: z.number().positive().nullish().describe('US dollars.'),
      turns: z.int().min(1).nullish().describe('Turns of the agent.'),
    })
    .nullish(),
};

const criterion = z.union([
  scalar,
  z.strictObject(Object.fromEntries(CRITERION_KINDS.map((kind) => [kind, text]))),
]);

const taskShape = z.strictObject({
  id,
  was,
  title,
  prompt: text.describe('What the agent is asked to do. Default: title, description and notes.'),
  description,
  depends_on: dependsOn,
  dependencies: dependsOn,
  blocked_by: dependsOn,
  files: z
    .union([scalar, z.array(scalar)])
    .nullish()
    .describe('Paths and globs it will write: two tasks whose files overlap never run at once.'),
  ...settings,
  exit_criteria: z.union([criterion, z.array(criterion)]).nullish(),
  status,
  estimate_hours: z.number().nullish(),
  ...older,
});

const container = {
  id,
  was,
  title,
  description,
  depends_on: dependsOn,
  dependencies: dependsOn,
  blocked_by: dependsOn,
  status,
  priority,
  ...older,
};

const tasks = z.array(taskShape.meta({ id: 'task' })).nullish();

const planShape = z.strictObject({
  ...container,
  wave: z
    .int()
    .min(1)
    .max(99)
    .nullish()
    .describe('Plans of one wave may run together; the next wave waits for all earlier ones.'),
  tasks,
});
const plans = z.array(planShape.meta({ id: 'plan' })).nullish();

const phaseShape = z.strictObject({
  ...container,
  goal: text,
  requirements: z.union([scalar, z.array(scalar)]).nullish(),
  research: z.union([z.boolean(), scalar, z.array(scalar)]).nullish(),
  plans,
  tasks,
});
const phases = z
  .array(phaseShape.meta({ id: 'phase' }))
  .nullish()
  .describe('Numbered phases come in numeric order; 1.1 is an urgent insertion after 1.');

const initiativeShape = z.strictObject({
  ...container,
  goal: text,
  phases,
  milestones: phases,
  plans,
  tasks,
});
const initiatives = z.array(initiativeShape.meta({ id: 'initiative' })).nullish();

/** @internal The parser reads trees; this becomes the JSON Schema that editors use. */
export const roadmapShape = z.strictObject({
  version: z.union([z.literal(1), z.literal('1')]).nullish(),
  project: text.describe('Name of the project.'),
  title,
  description,
  notes: text,
  kpi: anything,
  set_id: text,
  defaults: z.strictObject(settings).nullish().describe('For every task that does not say otherwise.'),
  initiatives,
  epics: initiatives,
  phases,
  milestones: phases,
  plans,
  tasks,
});

export const KEYS = {
  roadmap: Object.keys(roadmapShape.shape),
  defaults: Object.keys(settings),
  initiative: Object.keys(initiativeShape.shape),
  phase: Object.keys(phaseShape.shape),
  plan: Object.keys(planShape.shape),
  task: Object.keys(taskShape.shape),
  budget: ['usd', 'turns'],
} as const satisfies Record<string, readonly string[]>;
