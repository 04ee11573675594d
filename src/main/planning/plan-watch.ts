import type { AttemptEnd } from '../../core/attempts/attempt-context.ts';
import { messageOf } from '../../core/errors.ts';
import type { TaskId } from '../../core/ids.ts';
import type { FinishedPlans } from '../../core/planning/finished-plans.ts';
import type { Replanner } from './replanner.ts';

/** What follows the end of tasks: the summary of what they were part of, and another way for those that failed. */
export class PlanWatch {
  readonly #finished: FinishedPlans | undefined;
  readonly #replanner: Replanner | undefined;
  readonly #onNotice: (message: string) => void;

  constructor(parts: {
    finished: FinishedPlans | undefined;
    replanner: Replanner | undefined;
    onNotice: (message: string) => void;
  }) {
    this.#finished = parts.finished;
    this.#replanner = parts.replanner;
    this.#onNotice = parts.onNotice;
  }

  taskEnded(task: TaskId, end: AttemptEnd): void {
    if (end === 'failed') void this.#replanner?.look();
    if (end === 'done' || end === 'failed' || end === 'lost') {
      this.#finished?.taskEnded(task).catch((error: unknown) => this.#unwritten(error));
    }
  }

  /** Resolves when all that follows is in the store. */
  async beforeEnd(): Promise<void> {
    await this.#replanner?.look();
    await this.#finished?.lookAtAll();
  }

  /** Whoever looks next finds it again. */
  #unwritten(error: unknown): void {
    this.#onNotice(`what a plan came to is not written down yet: ${messageOf(error)}`);
  }
}
