import type { LocatedMap, Position } from '../source/located.ts';
import type { Declared } from './declared.ts';
import type { RoadmapTask } from './model.ts';
import { type Inherited, parseTask } from './parse-task.ts';
import type { RoadmapProblems } from './problem.ts';
import { register } from './read-id.ts';

interface Known {
  /** What it took over from around it, as text. */
  readonly inherited: string;
  readonly task: RoadmapTask;
  readonly idAt: Position;
  readonly dependencies: ReadonlyMap<string, Position>;
}

interface Context {
  readonly declared: Declared;
  readonly problems: RoadmapProblems;
}

/** Tasks that were read without a problem, by their node in the tree, so that only what changed is read again. */
export class KnownTasks {
  readonly #known = new WeakMap<LocatedMap, Known>();

  /** Reads tasks that stand in one container. */
  under(inherited: Inherited): (map: LocatedMap, context: Context) => RoadmapTask | undefined {
    const around = JSON.stringify(inherited);
    return (map, context) => {
      const known = this.#known.get(map);
      if (known?.inherited === around) return again(known, context);
      const { declared, problems } = context;
      const before = problems.size + declared.renames.size;
      const task = parseTask(map, inherited, context);
      // A rename is settled between two tasks; those that name one are read each time.
      if (task === undefined || problems.size + declared.renames.size > before) return task;
      const idAt = declared.ids.get(task.id)?.at ?? map.at;
      const dependencies = declared.dependencies.get(task.id) ?? new Map();
      this.#known.set(map, { inherited: around, task, idAt, dependencies });
      return task;
    };
  }
}

function again({ task, idAt, dependencies }: Known, context: Context): RoadmapTask | undefined {
  if (register('task', { text: task.id, at: idAt }, context) === undefined) return undefined;
  context.declared.dependencies.set(task.id, dependencies);
  return task;
}
