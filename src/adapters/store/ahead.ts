import { sql } from 'kysely';
import type { ActiveTask } from '../../core/dispatch/decide.ts';
import type { TaskId } from '../../core/ids.ts';
import type { DispatchSnapshot } from '../../core/tasks/ports.ts';
import type { TaskState } from '../../core/tasks/states.ts';
import type { ReadyRow } from './dispatch-snapshot.ts';
import { listened, prepared } from './prepared.ts';
import type { Write } from './session.ts';

const readSubject = prepared((db, values: { id: string }, { project, now }) =>
  db
    .selectFrom('tasks')
    .select([
      'state',
      'fence',
      'attempts',
      'pending_needs',
      'satisfied',
      'leaving',
      'merge_state',
      'paused_at',
      'cost_usd',
      'input_tokens',
      'output_tokens',
      now.as('now'),
    ])
    .select((eb) => [
      eb
        .exists(
          eb
            .selectFrom('edges')
            .select(sql.lit(1).as('one'))
            .where('edges.project_id', '=', project)
            .whereRef('edges.needs', '=', 'tasks.id'),
        )
        .as('is_needed'),
    ])
    .where('project_id', '=', project)
    .where('id', '=', values.id),
);

export type MergeState = 'queued' | 'merging' | 'conflicted' | 'merged';

/** What events need to know of the task that they change. */
export interface Subject {
  state: TaskState;
  fence: number;
  readonly attempts: number;
  readonly pending_needs: number;
  satisfied: number;
  readonly leaving: number;
  merge_state: MergeState | null;
  paused_at: number | null;
  cost_usd: number;
  input_tokens: number;
  output_tokens: number;
  /** Something waits for it, or waited. */
  readonly is_needed: unknown;
  /** The database's clock when the change began. */
  readonly now: number;
}

/** What a claim looks at first. */
export interface DispatchRows {
  readonly size: number;
  readonly ready: Promise<readonly ReadyRow[]>;
  readonly active: Promise<readonly ActiveTask[]>;
  readonly accounts: Promise<DispatchSnapshot['accounts']>;
}

/**
 * What the jobs of a transaction read first, asked for together, so that a server answers once for all of them. An
 * answer is dropped when a job changes what it says.
 */
export class Ahead {
  readonly #subjects = new Map<TaskId, Promise<Subject | undefined>>();
  #dispatch: DispatchRows | undefined;
  readonly #ended = new Set<TaskId>();

  askForSubject(tx: Write, id: TaskId): void {
    // The second change of a task needs what the first one left.
    if (tx.wire === undefined || this.#subjects.has(id)) return;
    this.#subjects.set(id, listened(readSubject.first(tx, { id }) as Promise<Subject | undefined>));
  }

  async subject(tx: Write, id: TaskId): Promise<Subject | undefined> {
    const asked = this.#subjects.get(id);
    this.#subjects.delete(id);
    return (await asked) ?? ((await readSubject.first(tx, { id })) as Subject | undefined);
  }

  askForDispatch(tx: Write, ask: () => DispatchRows): void {
    if (tx.wire === undefined || this.#dispatch !== undefined) return;
    this.#dispatch = ask();
  }

  /** Good for one claim, which changes what it says. Tasks that ended meanwhile are not active any more. */
  takeDispatch(size: number): DispatchRows | undefined {
    const asked = this.#dispatch;
    this.#dispatch = undefined;
    if (asked === undefined || asked.size !== size) return undefined;
    const ended = new Set(this.#ended);
    const active = asked.active.then((tasks) => tasks.filter(({ id }) => !ended.has(id)));
    return { ...asked, active: listened(active) };
  }

  /** The task's attempt is over, and nothing else became ready by that. */
  ended(id: TaskId): void {
    this.#ended.add(id);
  }

  /** Other tasks may be ready now, or no longer. */
  forgetDispatch(): void {
    this.#dispatch = undefined;
  }

  forget(): void {
    this.#subjects.clear();
    this.#dispatch = undefined;
  }
}
