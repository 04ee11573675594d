import type { PlanPreview } from '../../../core/api/parts.ts';
import type { PlanRecord } from '../../../core/planning/ports.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { count, duration } from '../format.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { table } from '../table.ts';

/** A plan, or what is known of one that is still to come. */
export interface ListedPlan {
  readonly id: string;
  readonly goal: string;
  readonly state: PlanWord;
  readonly tasks: number | undefined;
  /** Epoch ms. */
  readonly at: number;
}

const MOST_COMMANDS = 8;

export type PlanWord = PlanRecord['state'] | 'planning' | 'asks' | 'interrupted' | 'failed' | 'cancelled';

const LOOKS: Readonly<Record<PlanWord, Look | undefined>> = {
  open: 'cyan',
  applied: 'green',
  dropped: 'dim',
  planning: 'cyan',
  asks: 'yellow',
  interrupted: 'yellow',
  failed: 'red',
  cancelled: 'dim',
};

/** Proposals and the tasks that have made none yet, the newest first. */
export function listedPlans(plans: readonly PlanRecord[], tasks: readonly Task[]): readonly ListedPlan[] {
  const made = new Set<string>(plans.map(({ id }) => id));
  const coming = tasks.flatMap(
    ({ id, definition: { planning }, state, createdAt, attempts }): ListedPlan[] => {
      if (planning === undefined || made.has(id)) return [];
      const word = wordOf(state, attempts);
      if (word === undefined) return [];
      return [{ id, goal: planning.goal, state: word, tasks: undefined, at: createdAt }];
    },
  );
  const known = plans.map(({ id, goal, state, proposal, proposedAt }) => ({
    id,
    goal,
    state,
    tasks: proposal.tasks.length,
    at: proposedAt,
  }));
  return [...coming, ...known].sort((a, b) => b.at - a.at);
}

function wordOf(state: Task['state'], attempts: number): PlanWord | undefined {
  if (state === 'waiting_input') return 'asks';
  if (state === 'pending') return attempts === 0 ? 'planning' : 'interrupted';
  if (state === 'failed' || state === 'cancelled') return state;
  return state === 'archived' || state === 'done' ? undefined : 'planning';
}

export function renderPlans(
  plans: readonly ListedPlan[],
  { now, ...options }: { now: number; width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'PLAN' },
      { title: 'STATE' },
      { title: 'TASKS', side: 'right' },
      { title: 'AGE', side: 'right' },
      { title: 'GOAL', flexible: true },
    ],
    rows: plans.map((plan) => [
      { text: safeLine(plan.id) },
      { text: plan.state, look: LOOKS[plan.state] },
      { text: plan.tasks === undefined ? '' : String(plan.tasks) },
      { text: duration(now - plan.at) },
      { text: safeLine(plan.goal) },
    ]),
    ...options,
  });
}

/** What a plan is, before its diff. */
export function renderPlan(
  plan: PlanRecord,
  preview: Pick<PlanPreview, 'chain' | 'atOnce' | 'notes'> | undefined,
  paint: Paint,
): string[] {
  const { proposal } = plan;
  const { serial, serial_reason: reason = 'no reason is given' } = proposal;
  const sums = [
    count(proposal.tasks.length, 'task'),
    ...(preview === undefined || preview.chain === 0
      ? []
      : [
          `longest chain ${preview.chain}`,
          serial ? 'one after the other' : `up to ${preview.atOnce} at once`,
        ]),
    ...(proposal.changes.length === 0 ? [] : [`${proposal.changes.length} changed`]),
    ...(proposal.remove.length === 0 ? [] : [`${proposal.remove.length} removed`]),
  ];
  const notes = preview?.notes ?? plan.notes;
  return [
    `${paint('bold', safeLine(plan.id))}  ${safeLine(proposal.title)}`,
    paint('dim', sums.join(', ')),
    ...(plan.replaces === undefined ? [] : [`Another way for ${safeLine(plan.replaces)}`]),
    ...(proposal.summary === '' ? [] : safeBlock(proposal.summary).split('\n')),
    ...(serial ? [`${paint('cyan', 'serial:')} ${safeLine(reason)}`] : []),
    ...commandLines(proposal, paint),
    ...notes.map((note) => `${paint('yellow', 'note:')} ${safeLine(note)}`),
  ];
}

/** What the plan would have run on this machine: an agent wrote it. */
function commandLines({ tasks, changes }: PlanRecord['proposal'], paint: Paint): string[] {
  const commands = [...new Set([...tasks, ...changes].flatMap(({ verify }) => verify ?? []))];
  if (commands.length === 0) return [];
  const shown = commands.slice(0, MOST_COMMANDS).map((command) => `  ${safeLine(command)}`);
  const more = commands.length - shown.length;
  return [
    paint('cyan', 'It will run, to check the work:'),
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

export function planJson(
  plan: PlanRecord,
  preview: PlanPreview | undefined,
): Readonly<Record<string, unknown>> {
  return {
    plan: plan.id,
    state: plan.state,
    goal: plan.goal,
    issues: plan.issues,
    replaces: plan.replaces ?? null,
    proposal: plan.proposal,
    notes: preview?.notes ?? plan.notes,
    longestChain: preview?.chain ?? null,
    atOnce: preview?.atOnce ?? null,
    diff: preview?.diff ?? null,
    added: plan.added,
    proposedAt: new Date(plan.proposedAt).toISOString(),
    settledAt: plan.settledAt === undefined ? null : new Date(plan.settledAt).toISOString(),
    settledBy: plan.settledBy ?? null,
  };
}
