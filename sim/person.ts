import type { TaskId } from '../src/core/ids.ts';
import { needsPerson, resume } from '../src/core/resilience/breaker.ts';
import {
  decideAnswer,
  decideCancel,
  decidePause,
  decideResume,
  decideRetry,
  decideWithdraw,
} from '../src/core/tasks/commands.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import type { Machine } from './machine.ts';
import type { SimRoadmap } from './roadmap.ts';

/** What the person does now and then. */
const ACTS = { cancel: 2, retry: 4, answer: 6, resume: 2 } as const;
/** … and now and then besides. */
const PAUSES = { task: 3, goOn: 3, project: 1 } as const;

const PAUSABLE = ['pending', 'claimed', 'running', 'merging', 'waiting_input', 'blocked'] as const;

/**
 * The people of a simulated project, with their commands and their editor. While faults are on they interfere; once
 * all is quiet they answer what is asked and retry what failed, so that everything can be done.
 */
export class Person {
  readonly #machine: Machine;
  readonly #store: Store;
  readonly #roadmap: SimRoadmap;
  readonly #mood: () => { isHelpful: boolean; edits: boolean; interferes: boolean };

  constructor(options: {
    machine: Machine;
    store: Store;
    roadmap: SimRoadmap;
    mood: () => { isHelpful: boolean; edits: boolean; interferes: boolean };
  }) {
    this.#machine = options.machine;
    this.#store = options.store;
    this.#roadmap = options.roadmap;
    this.#mood = options.mood;
  }

  /** Acts for ever. A command that cannot reach the store says so to the person, who goes on. */
  async live(): Promise<never> {
    const { chance, clock } = this.#machine;
    for (;;) {
      await clock.sleep(chance.between(500, 10_000));
      try {
        await this.#act();
      } catch (error) {
        if (!isUnreachable(error)) throw error;
      }
    }
  }

  async sync(): Promise<void> {
    const { plan, hash } = this.#roadmap.plan();
    await this.#store.sync(plan, { path: 'roadmap.yaml', hash }, { confirmed: true });
  }

  async #act(): Promise<void> {
    const { chance } = this.#machine;
    const { isHelpful, edits, interferes } = this.#mood();
    if (isHelpful) {
      await this.#answerAll();
      await this.#retryAll();
      await this.#resumeAll();
      await this.#wakeAll();
      return;
    }
    if (edits && chance.happens(0.3)) {
      for (let edit = chance.between(1, 3); edit > 0; edit -= 1) this.#roadmap.edit();
      await this.sync();
    }
    if (!interferes) return;
    if (chance.happens(0.1)) await this.#pause();
    switch (chance.weighted(ACTS)) {
      case 'cancel': {
        const tasks = await this.#store.tasks({ states: ['pending', 'claimed', 'running', 'merging'] });
        if (tasks.length === 0) return;
        await this.#store.command(chance.pick(tasks).id, (task) => decideCancel(task, 'somebody'));
        return;
      }
      case 'retry': {
        const tasks = await this.#store.tasks({ states: ['failed', 'cancelled', 'skipped'] });
        if (tasks.length > 0) await this.#retry(chance.pick(tasks).id);
        return;
      }
      case 'answer': {
        const open = await this.#store.questions({ open: true });
        if (open.length > 0) await this.#answer(chance.pick(open).task);
        return;
      }
      case 'resume':
        return await this.#resumeAll();
    }
  }

  async #pause(): Promise<void> {
    const { chance, clock } = this.#machine;
    const by = 'somebody';
    switch (chance.weighted(PAUSES)) {
      case 'task': {
        const tasks = await this.#store.tasks({ states: PAUSABLE });
        if (tasks.length === 0) return;
        await this.#store.command(chance.pick(tasks).id, (task) => decidePause(task, { by, reason: '' }));
        return;
      }
      case 'goOn':
        return await this.#wakeTasks();
      case 'project':
        await this.#store.pauseProject({ by, reason: '', now: chance.happens(0.5) });
        await clock.sleep(chance.between(500, 5_000));
        await this.#store.resumeProject(by);
    }
  }

  async #wakeAll(): Promise<void> {
    await this.#store.resumeProject('somebody');
    await this.#wakeTasks();
  }

  async #wakeTasks(): Promise<void> {
    for (const { id, paused } of await this.#store.tasks({ states: PAUSABLE })) {
      if (paused !== undefined) await this.#store.command(id, (task) => decideResume(task, 'somebody'));
    }
  }

  async #answerAll(): Promise<void> {
    const open = await this.#store.questions({ open: true });
    for (const { task } of open) await this.#answer(task);
  }

  /** One of the task's open questions. */
  async #answer(id: TaskId): Promise<void> {
    const open = await this.#store.questions({ open: true, task: id });
    const first = open[0];
    if (first === undefined) return;
    const answer = first.kind === 'approval' ? this.#verdict() : 'this one';
    const { isHelpful } = this.#mood();
    const isWithdrawn = !isHelpful && first.kind === undefined && this.#machine.chance.happens(0.2);
    await this.#store.command(id, (task, stillOpen) =>
      isWithdrawn
        ? decideWithdraw(task, { open: stillOpen, questionId: first.id, reason: '', by: 'somebody' })
        : decideAnswer(task, { open: stillOpen, questionId: first.id, answer, by: 'somebody' }),
    );
  }

  /** Whoever is not helpful sends work back, too. */
  #verdict(): string {
    const { isHelpful } = this.#mood();
    return isHelpful || this.#machine.chance.happens(0.6) ? 'approve' : 'reject: do it otherwise';
  }

  async #retryAll(): Promise<void> {
    for (const { id } of await this.#store.tasks({ states: ['failed', 'cancelled', 'skipped'] })) {
      await this.#retry(id);
    }
  }

  async #retry(id: TaskId): Promise<void> {
    await this.#store.command(id, (task) => decideRetry(task, 'somebody'));
  }

  async #resumeAll(): Promise<void> {
    for (const standing of await this.#store.accounts()) {
      if (needsPerson(standing)) await this.#store.changeAccount(standing.account, resume);
    }
  }
}

/** Patience with the store came to its end: what every command says then. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'STORE_UNREACHABLE' || error.code === 'STORE_BUSY';
}
