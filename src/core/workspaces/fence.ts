import { CodewalkError } from '../errors.ts';
import type { ObjectId, TaskId } from '../ids.ts';

/** The right of one attempt to move its task's refs, as git knows it: good until a newer attempt raises the fence. */
export interface TaskFence {
  readonly task: TaskId;
  /** The fence of the attempt's lease. */
  readonly fence: number;
  /** The object that the task's fence ref stands at while this is the newest. */
  readonly mark: ObjectId;
}

/** A newer attempt of the task has raised the fence: nothing was written, and nothing may be. */
export class FencedError extends CodewalkError {
  readonly fence: number;
  /** The newest fence that git knows; absent when the task is over and its fence gone. */
  readonly heldFence: number | undefined;

  constructor(own: { task: TaskId; fence: number }, heldFence: number | undefined, options?: ErrorOptions) {
    const held = heldFence === undefined ? 'is gone' : `stands at ${heldFence}`;
    super(
      'REF_FENCED',
      `The refs of task ${own.task} were not moved: its fence ${held}, ours is ${own.fence}`,
      options,
    );
    this.fence = own.fence;
    this.heldFence = heldFence;
  }
}
