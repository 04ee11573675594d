import type { TaskId } from '../ids.ts';
import { type Container, graphOf } from '../roadmap/graph.ts';
import type { RoadmapSource } from '../syncing/ports.ts';
import type { Store } from '../tasks/ports.ts';
import { isFinal } from '../tasks/states.ts';
import { summaryOf } from './plan-summary.ts';

/** Containers with the ones that each task stands in. */
interface Known {
  readonly hash: string;
  readonly containers: readonly Container[];
  readonly around: ReadonlyMap<string, readonly Container[]>;
}

/**
 * Writes down what a plan, phase or initiative came to, once when all of its tasks are over. Many processes may look at
 * the same time.
 */
export class FinishedPlans {
  readonly #store: Store;
  readonly #source: Pick<RoadmapSource, 'read'>;
  #known: Known = { hash: '', containers: [], around: new Map() };
  /** A task of each container that was not over at the last look: as long as it is not, nothing else is read. */
  readonly #open = new Map<string, TaskId>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: { store: Store; source: Pick<RoadmapSource, 'read'> }) {
    this.#store = parts.store;
    this.#source = parts.source;
  }

  /** A task is over: so may be what it stands in. Rejects when the store does. */
  taskEnded(task: TaskId): Promise<void> {
    return this.#inTurn(async () => {
      await this.#read();
      await this.#look(this.#known.around.get(task) ?? []);
    });
  }

  /** Looks at all of them. */
  lookAtAll(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#read();
      await this.#look(this.#known.containers);
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => undefined);
    return await next;
  }

  async #read(): Promise<void> {
    const read = await this.#source.read(this.#known.hash);
    // A file with a mistake leaves what was known.
    if (read.kind !== 'valid') return;
    const graph = graphOf(read.roadmap);
    if (graph === 'too-many') return;
    const containers = [...graph.containers.values()].filter(({ members }) => members.length > 0);
    const around = new Map<string, Container[]>();
    for (const container of containers) {
      for (const member of container.members) {
        const others = around.get(member);
        if (others === undefined) around.set(member, [container]);
        else others.push(container);
      }
    }
    this.#known = { hash: read.hash, containers, around };
    this.#open.clear();
  }

  async #look(containers: readonly Container[]): Promise<void> {
    for (const container of containers) {
      const witness = this.#open.get(container.id);
      if (witness !== undefined) {
        const task = await this.#store.task(witness);
        if (task !== undefined && !isFinal(task.state)) continue;
      }
      const tasks = await this.#store.tasks({ ids: container.members });
      const open = tasks.findLast(({ state }) => !isFinal(state));
      if (open !== undefined) this.#open.set(container.id, open.id);
      else if (tasks.length === container.members.length) await this.#tell(container, tasks);
    }
  }

  async #tell(container: Container, tasks: Awaited<ReturnType<Store['tasks']>>): Promise<void> {
    const { id, kind, title } = container;
    const { done, total, made, finishedAt } = summaryOf(container, tasks);
    // What was over before Codewalk came has no time, and is no news.
    if (finishedAt === 0 || tasks.every(({ attempts }) => attempts === 0)) return;
    this.#open.delete(id);
    await this.#store.logOnce(
      { key: `plan_finished:${kind}:${id}`, value: `${done}/${total}@${finishedAt}` },
      [{ type: 'plan.finished', container: id, level: kind, title, done, total, made }],
    );
  }
}
