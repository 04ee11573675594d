import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import type { Proposal, ProposedTask } from './proposal.ts';
import { inOrder } from './proposal-edit.ts';

/** What a proposal is judged by. */
export interface ProposalRules {
  /** Every id that tasks and containers have, or had before they left the roadmap. */
  readonly taken: ReadonlySet<string>;
  /** Tasks that are in the roadmap file. */
  readonly tasks: ReadonlySet<string>;
  /** Tasks of the roadmap that an agent is at work on, or whose work is merged: nobody may change them. */
  readonly settled: ReadonlySet<string>;
  readonly agents: readonly string[];
  readonly workflows: readonly string[];
  readonly maxTasks: number;
}

const LONG_PROMPT = 16_000;
const SHORT_PROMPT = 30;
const MOST_FILES = 40;

/**
 * What must change before the proposal can be shown to anybody; empty: nothing. Who waits for whom, and all else that
 * the roadmap's own parser finds, is not looked at here: the file that comes of it is parsed.
 */
export function checkProposal(proposal: Proposal, rules: ProposalRules): readonly string[] {
  const { tasks, changes, remove, groups } = proposal;
  const problems: string[] = [];
  if (tasks.length + changes.length + remove.length === 0) {
    problems.push('The plan holds no task: propose at least one, or end with "error" and say why.');
  }
  if (tasks.length > rules.maxTasks) {
    problems.push(
      `The plan has ${tasks.length} tasks; at most ${rules.maxTasks} are allowed. Join tasks that belong together, or plan the first part only.`,
    );
  }
  const seen = new Set<string>();
  for (const { id } of [...groups, ...tasks]) {
    if (seen.has(id)) problems.push(`The id ${quoted(id)} is given twice in the plan.`);
    else if (rules.taken.has(id)) problems.push(`The id ${quoted(id)} is taken: choose another one.`);
    seen.add(id);
  }
  const proposed = new Map(groups.map((group) => [group.id, group]));
  for (const { id, level, into } of groups) {
    const outer = into === undefined ? undefined : proposed.get(into);
    if (outer !== undefined && (level !== 'plan' || outer.level !== 'phase')) {
      problems.push(`${quoted(id)} cannot stand in ${quoted(outer.id)}: only a plan stands in a phase.`);
    }
  }
  for (const task of tasks) problems.push(...checkTask(task, rules));
  for (const { id, agent } of changes) {
    problems.push(...checkKnown(id, 'changed', rules), ...checkName(id, 'agent', agent, rules.agents));
  }
  for (const id of remove) problems.push(...checkKnown(id, 'removed', rules));
  return problems;
}

function checkTask(task: ProposedTask, rules: ProposalRules): string[] {
  const { id, prompt, files, depends_on } = task;
  const problems = [
    ...checkName(id, 'agent', task.agent, rules.agents),
    ...checkName(id, 'workflow', task.workflow, rules.workflows),
  ];
  if (prompt.length < SHORT_PROMPT) {
    problems.push(`The prompt of ${quoted(id)} is too short to work by: ${quoted(prompt)}.`);
  }
  if (depends_on.includes(id)) problems.push(`${quoted(id)} depends on itself.`);
  for (const file of files) {
    if (isEverything(file)) {
      problems.push(`${quoted(file)} of ${quoted(id)} is the whole repository: nothing could run beside it.`);
    }
  }
  return problems;
}

function checkKnown(id: string, what: string, { tasks, settled }: ProposalRules): string[] {
  if (settled.has(id)) return [`${quoted(id)} is at work or done and cannot be ${what}.`];
  if (tasks.has(id)) return [];
  const meant = nearest(id, [...tasks]);
  const hint = meant === undefined ? '' : ` Did you mean ${quoted(meant)}?`;
  return [`The roadmap has no task ${quoted(id)} that could be ${what}.${hint}`];
}

function checkName(
  id: string,
  what: 'agent' | 'workflow',
  name: string | undefined,
  known: readonly string[],
): string[] {
  if (name === undefined || known.includes(name)) return [];
  return [`${quoted(id)} names the ${what} ${quoted(name)}; there are ${known.join(', ') || 'none'}.`];
}

/** Does the pattern begin with any number of any directories, and end with any name? */
function isEverything(pattern: string): boolean {
  return /^\.?\/?(?:\*\*?\/)*\*\*?$|^\.?\/?$/.test(pattern);
}

/** What a person should know before the plan is applied; it can be applied all the same. */
export function proposalNotes(
  proposal: Proposal,
  facts: {
    /** Is there a check for tasks that name none? */
    readonly hasVerify: boolean;
    /** Titles of what the goal was made from. */
    readonly issues: readonly string[];
    /** Pairs of tasks that would write the same files without an order between them. */
    readonly overlaps: readonly { readonly one: string; readonly other: string; readonly file: string }[];
  },
): readonly string[] {
  const tasks = inOrder(proposal);
  const notes: string[] = [];
  const unlocked = tasks.filter(({ files }) => files.length === 0).map(({ id }) => id);
  const unverified = facts.hasVerify ? [] : tasks.filter(({ verify }) => verify === undefined);
  for (const { one, other, file } of facts.overlaps.slice(0, 10)) {
    notes.push(
      `${one} and ${other} both write ${file}: they never run at once, in an order that is left open.`,
    );
  }
  if (facts.overlaps.length > 10)
    notes.push(`${facts.overlaps.length - 10} more pairs write the same files.`);
  if (unlocked.length > 0)
    notes.push(
      `${some(unlocked)} ${unlocked.length === 1 ? 'names' : 'name'} no files: what they write is not kept apart from others.`,
    );
  if (unverified.length > 0)
    notes.push(
      `${some(unverified.map(({ id }) => id))} ${unverified.length === 1 ? 'has' : 'have'} no verify, and the config has none: nothing is run before the merge.`,
    );
  for (const { id, prompt } of tasks) {
    if (prompt.length > LONG_PROMPT)
      notes.push(`The prompt of ${id} is ${prompt.length} characters long: it may be too much for one task.`);
  }
  for (const { id, files } of tasks) {
    if (files.length > MOST_FILES)
      notes.push(`${id} writes ${files.length} files: it may be too much for one task.`);
    const wide = files.filter((file) => /^[^/*]+\/\*\*(?:\/\*)?$/.test(file));
    for (const file of wide)
      notes.push(`${id} writes ${file}, a whole top directory: little can run beside it.`);
  }
  const covered = new Set(tasks.flatMap(({ issues }) => issues));
  for (const [at, title] of facts.issues.entries()) {
    if (!covered.has(at + 1)) notes.push(`No task names issue ${at + 1}: ${title}`);
  }
  return notes;
}

function some(ids: readonly string[]): string {
  return ids.length <= 4 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}
