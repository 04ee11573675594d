import * as z from 'zod';
import { ID_PATTERN } from '../id-pattern.ts';

const TEXT = 40_000;
const id = z.string().regex(ID_PATTERN, 'must be letters, digits, ".", "_" and "-", at most 64');
const line = z.string().trim().min(1).max(300);
const ids = z.array(z.string().max(64)).max(200).default([]);
const lines = z.array(z.string().trim().min(1).max(2_000)).max(100).default([]);

const proposedTask = z.object({
  id,
  title: line,
  prompt: z.string().trim().min(1).max(TEXT),
  depends_on: ids,
  files: z.array(z.string().trim().min(1).max(1_024)).max(500).default([]),
  /** Id of the proposed or existing container that it stands in. */
  group: z.string().max(64).optional(),
  agent: z.string().max(64).optional(),
  workflow: z.string().max(64).optional(),
  priority: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  verify: z.string().trim().min(1).max(2_000).optional(),
  exit_criteria: lines,
  /** Numbers of the given issues that it comes from. */
  issues: z.array(z.int().min(1)).max(100).default([]),
});
export type ProposedTask = z.infer<typeof proposedTask>;

const proposedGroup = z.object({
  id,
  level: z.enum(['phase', 'plan']),
  title: line,
  goal: z.string().trim().max(2_000).optional(),
  /** Of a plan: plans of one wave may run together. */
  wave: z.int().min(1).max(99).optional(),
  depends_on: ids,
  /** Id of the proposed or existing container that it stands in. */
  into: z.string().max(64).optional(),
});
export type ProposedGroup = z.infer<typeof proposedGroup>;

const proposedChange = z.object({
  id: z.string().max(64),
  /** Absent: stays as it is. An empty list takes all away. */
  depends_on: z.array(z.string().max(64)).max(200).optional(),
  title: line.optional(),
  prompt: z.string().trim().min(1).max(TEXT).optional(),
  files: z.array(z.string().trim().min(1).max(1_024)).max(500).optional(),
  agent: z.string().max(64).optional(),
  verify: z.string().trim().min(1).max(2_000).optional(),
});
export type ProposedChange = z.infer<typeof proposedChange>;

/** What the orchestrator's agent proposes to do with the roadmap. Nothing of it has happened. */
export const proposal = z.object({
  title: line,
  /** Why it is split like this; for people. */
  summary: z.string().trim().max(8_000).default(''),
  /** It advises against parallel work. */
  serial: z.boolean().default(false),
  serial_reason: z.string().trim().max(2_000).optional(),
  groups: z.array(proposedGroup).max(200).default([]),
  tasks: z.array(proposedTask).max(1_000).default([]),
  /** Of tasks that are in the roadmap. */
  changes: z.array(proposedChange).max(200).default([]),
  remove: z.array(z.string().max(64)).max(200).default([]),
});
export type Proposal = z.infer<typeof proposal>;

/** The proposal in what an agent answered, or everything that is wrong with its form. */
export function parseProposal(
  value: unknown,
): { kind: 'parsed'; proposal: Proposal } | { kind: 'malformed'; problems: readonly string[] } {
  const parsed = proposal.safeParse(withoutNulls(value));
  if (parsed.success) return { kind: 'parsed', proposal: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
  return { kind: 'malformed', problems };
}

/** Strict schemas make CLIs write `null` for what is absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNulls(each)]));
}

/** `plan.tasks[2].depends_on`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    'plan',
  );
}
