import type { NewEvent } from '../src/core/events/event.ts';

/** A question as the log tells it. */
interface Asked {
  readonly text: string;
  readonly isApproval: boolean;
  state: 'open' | 'answered' | 'withdrawn' | 'dropped';
  timesTold: number;
}

/** What becomes of the questions of every task, by the log alone. */
export class QuestionBook {
  /** By task, then by id; of an id that is used again the newest. */
  readonly #tasks = new Map<string, Map<string, Asked>>();

  /** Returns what is wrong with it, if anything is. */
  take(event: NewEvent): string | undefined {
    switch (event.type) {
      case 'question.asked':
      case 'task.asked':
        for (const { id, question, kind } of event.questions) this.#ask(event.task, id, question, kind);
        return undefined;
      case 'task.answered':
        return this.#close(event.task, event.question, 'answered');
      case 'question.withdrawn':
        return this.#close(event.task, event.question, 'withdrawn');
      case 'step.finished':
        return (event.told ?? [])
          .map((id) => this.#tell(event.task, id))
          .find((wrong) => wrong !== undefined);
      case 'task.done':
      case 'task.failed':
      case 'task.skipped':
      case 'task.cancelled':
      case 'task.reset':
      case 'task.archived':
        this.drop(event.task);
        return undefined;
      default:
        return undefined;
    }
  }

  isOpen(task: string): boolean {
    return this.#of(task)
      .values()
      .some(({ state }) => state === 'open');
  }

  /** Those that were answered, and whose agent never heard of it. */
  untold(task: string): readonly string[] {
    return [...this.#of(task)].flatMap(([id, asked]) =>
      asked.state === 'answered' && !asked.isApproval && asked.timesTold === 0 ? [id] : [],
    );
  }

  drop(task: string): void {
    for (const asked of this.#of(task).values()) if (asked.state === 'open') asked.state = 'dropped';
  }

  renamed(from: string, to: string): void {
    const asked = this.#tasks.get(from);
    if (asked !== undefined) this.#tasks.set(to, asked);
    this.#tasks.delete(from);
  }

  #of(task: string): Map<string, Asked> {
    let asked = this.#tasks.get(task);
    if (asked === undefined) {
      asked = new Map();
      this.#tasks.set(task, asked);
    }
    return asked;
  }

  #ask(task: string, id: string, text: string, kind: string | undefined): void {
    const before = this.#of(task).get(id);
    const isKnown = before?.text === text && before.state !== 'dropped' && before.timesTold === 0;
    if (!isKnown)
      this.#of(task).set(id, { text, isApproval: kind === 'approval', state: 'open', timesTold: 0 });
  }

  #close(task: string, id: string, state: 'answered' | 'withdrawn'): string | undefined {
    const asked = this.#of(task).get(id);
    if (asked?.state !== 'open') return `${task}/${id} was ${state} while ${asked?.state ?? 'unknown'}`;
    asked.state = state;
    return undefined;
  }

  #tell(task: string, id: string): string | undefined {
    const asked = this.#of(task).get(id);
    if (asked?.state !== 'answered' && asked?.state !== 'withdrawn') {
      return `${task}/${id} was told while ${asked?.state ?? 'unknown'}`;
    }
    asked.timesTold += 1;
    return asked.timesTold === 1 ? undefined : `${task}/${id} was told ${asked.timesTold} times`;
  }
}
