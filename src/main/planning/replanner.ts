import type { PlanningService } from '../../core/api/parts.ts';
import type { Crew } from '../../core/attempts/ports.ts';
import { messageOf } from '../../core/errors.ts';
import { type DueReplan, dueReplans, waitingFor } from '../../core/planning/replans.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { TASK_STATES } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';

const ROLE = 'orchestrator';
const BY = 'orchestrator';
const LOG_CHARS = 12_000;
/** What ends a task like this is mended in the config or by waiting, not by another plan. */
const NOT_THE_PLAN = ['auth', 'rate_limited', 'killed', 'workspace'];

interface ReplannerParts {
  readonly store: Store;
  readonly planning: Pick<PlanningService, 'begin'>;
  readonly crew: Crew;
  /** How often for one task and what takes its place. */
  readonly most: number;
  /** What came of a task's work so far. */
  readonly diff: (task: Task) => Promise<string>;
  readonly onNotice: (message: string) => void;
}

/** Asks for another way when a task has failed for good, as often as the config allows. */
export class Replanner {
  readonly #parts: ReplannerParts;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: ReplannerParts) {
    this.#parts = parts;
  }

  /** Looks for tasks that failed; resolves when the tasks that plan for them are in the queue. Never rejects. */
  look(): Promise<void> {
    const { onNotice } = this.#parts;
    this.#turn = this.#turn
      .then(() => this.#look())
      .catch((error: unknown) => onNotice(`no other way is planned: ${messageOf(error)}`));
    return this.#turn;
  }

  async #look(): Promise<void> {
    const { store, most, crew } = this.#parts;
    if (most === 0) return;
    const tasks = await store.tasks({ states: TASK_STATES });
    const due = dueReplans({ tasks, plans: await store.plans(), most });
    if (due.length === 0) return;
    // Throws when nobody is there to plan, before anything is asked for.
    crew.candidates(ROLE);
    for (const each of due) if (await this.#isOfThePlan(each.task)) await this.#ask(each, tasks);
  }

  async #isOfThePlan({ id }: Task): Promise<boolean> {
    const facts = await this.#parts.store.events(0, { task: id, types: ['task.failed'] });
    const last = facts.at(-1);
    return last?.type === 'task.failed' && !NOT_THE_PLAN.includes(last.outcome);
  }

  async #ask({ task, id }: DueReplan, tasks: readonly Task[]): Promise<void> {
    const { planning, diff } = this.#parts;
    await planning.begin({
      id,
      goal: `Another way for ${task.id}: ${task.definition.title}`,
      issues: [],
      agent: ROLE,
      by: BY,
      failed: {
        task,
        reason: task.reason ?? 'nobody said why',
        waiting: waitingFor(task, tasks),
        log: await this.#log(task),
        diff: await diff(task),
      },
    });
  }

  /** What its agents ended with, the last one last. */
  async #log({ id }: Task): Promise<string> {
    const turns = await this.#parts.store.turns(id);
    const words = turns.flatMap(({ step, agent, kind, turn, summary }) => {
      const said = turn?.answer ?? summary ?? '';
      return said === '' ? [] : [`── step ${step}: ${agent}, ${kind}\n${said}`];
    });
    return words.join('\n\n').slice(-LOG_CHARS);
  }
}
