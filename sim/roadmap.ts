import { createHash } from 'node:crypto';
import { taskId } from '../src/core/ids.ts';
import type { Plan, TaskDefinition } from '../src/core/roadmap/model.ts';
import { buildPlan } from '../src/core/roadmap/plan.ts';
import type { Chance } from './chance.ts';

const MOST_NEEDS = 3;
const FILES = ['src/a.ts', 'src/b.ts', 'src/c.ts', 'docs/**'];

/** The roadmap of a simulated project, and the edits that its owner makes. */
export class SimRoadmap {
  readonly #chance: Chance;
  readonly #tasks: TaskDefinition[] = [];
  /** Containers would add nothing here but names: all tasks stand beside each other. */
  #made = 0;
  #edits = 0;

  constructor(chance: Chance, tasks: number) {
    this.#chance = chance;
    for (let index = 0; index < tasks; index += 1) this.#add();
  }

  get tasks(): readonly TaskDefinition[] {
    return this.#tasks;
  }

  /** One edit, as a person makes it in the file. */
  edit(): void {
    this.#edits += 1;
    const chance = this.#chance;
    const kind = chance.weighted({ add: 3, remove: 1, title: 2, prompt: 2, needs: 2, files: 1, priority: 1 });
    if (kind === 'add' || this.#tasks.length === 0) {
      this.#add();
      return;
    }
    const index = chance.below(this.#tasks.length);
    const task = this.#tasks[index] as TaskDefinition;
    if (kind === 'remove') {
      this.#tasks.splice(index, 1);
      for (const [at, other] of this.#tasks.entries()) {
        if (!other.dependsOn.includes(task.id)) continue;
        this.#tasks[at] = { ...other, dependsOn: other.dependsOn.filter((id) => id !== task.id) };
      }
      return;
    }
    const earlier = this.#tasks.slice(0, index).map(({ id }) => id);
    const changes = {
      title: { title: `Title ${this.#edits}` },
      prompt: { prompt: `Do it otherwise ${this.#edits}` },
      needs: { dependsOn: this.#someOf(earlier) },
      files: { files: this.#files() },
      priority: { priority: chance.pick([25, 50, 75, 100]) },
    };
    this.#tasks[index] = { ...task, ...changes[kind] };
  }

  plan(): { plan: Plan; hash: string } {
    const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks: this.#tasks });
    return { plan, hash: createHash('sha256').update(JSON.stringify(this.#tasks)).digest('hex') };
  }

  #add(): void {
    const chance = this.#chance;
    this.#made += 1;
    const id = `t${this.#made}`;
    this.#tasks.push({
      id: taskId.parse(id),
      title: `Title of ${id}`,
      prompt: `Do ${id}`,
      path: {},
      dependsOn: this.#someOf(this.#tasks.map((task) => task.id)),
      files: this.#files(),
      priority: chance.pick([25, 50, 75, 100]),
      exitCriteria: [],
      onFailure: chance.weighted({ hard: 6, soft: 2, skip: 1 }),
      ...(chance.happens(0.3) ? { workflow: 'standard' } : { agent: 'coder' }),
      ...(chance.happens(0.2) ? { approve: true } : {}),
      ...(chance.happens(0.2) ? { verify: 'make check' } : {}),
      ...(chance.happens(0.05) ? { timeoutMs: 20_000 } : {}),
    });
  }

  #someOf(ids: readonly string[]): string[] {
    if (ids.length === 0) return [];
    const count = this.#chance.below(MOST_NEEDS + 1);
    // Mostly near ones, so that chains grow long.
    return [
      ...new Set(
        Array.from({ length: count }, () => ids[Math.max(0, ids.length - 1 - this.#chance.below(12))]),
      ),
    ].filter((id) => id !== undefined);
  }

  #files(): string[] {
    return this.#chance.happens(0.3) ? [this.#chance.pick(FILES)] : [];
  }
}
