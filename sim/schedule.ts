import type { Chance } from './chance.ts';

/** What is about to happen in the simulated world. */
export interface Happening {
  /** Simulated time before which it cannot happen, ms. */
  readonly due: number;
  readonly order: number;
  readonly who: Actor;
  readonly what: string;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Whose the happening is: the dead do nothing any more, the frozen do it later. */
export interface Actor {
  readonly name: string;
  readonly state: 'up' | 'frozen' | 'dead';
}

/**
 * The order of all things. What is due may happen in any order, and chance says which is next; time passes only when
 * nothing is due. So a run is a function of the seed.
 */
export class Schedule {
  readonly #chance: Chance;
  readonly #later = new Heap();
  readonly #due: Happening[] = [];
  readonly #held = new Map<Actor, Happening[]>();
  #now = 0;
  #order = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Simulated time since the world began, ms; never goes back. */
  get now(): number {
    return this.#now;
  }

  /** Plans a happening in `ms` milliseconds at the earliest. */
  add(who: Actor, ms: number, what: string, run: () => void): Happening {
    this.#order += 1;
    const due = this.#now + Math.max(0, Math.ceil(ms));
    const happening: Happening = { due, order: this.#order, who, what, run, isCancelled: false };
    this.#later.push(happening);
    return happening;
  }

  /** What happens next; nothing when nothing is planned. */
  next(): Happening | undefined {
    for (;;) {
      if (this.#due.length === 0) {
        const first = this.#later.first;
        if (first === undefined) return undefined;
        this.#now = Math.max(this.#now, first.due);
      }
      while (this.#later.first !== undefined && this.#later.first.due <= this.#now) {
        this.#due.push(this.#later.pop());
      }
      const happening = this.#takeOne();
      if (happening.isCancelled || happening.who.state === 'dead') continue;
      if (happening.who.state === 'up') return happening;
      const held = this.#held.get(happening.who) ?? [];
      held.push(happening);
      this.#held.set(happening.who, held);
    }
  }

  /** What the actor could not do while it was frozen is due now. */
  thawed(who: Actor): void {
    this.#due.push(...(this.#held.get(who) ?? []));
    this.#held.delete(who);
  }

  forget(who: Actor): void {
    this.#held.delete(who);
  }

  #takeOne(): Happening {
    const index = this.#chance.below(this.#due.length);
    const last = this.#due.pop() as Happening;
    if (index === this.#due.length) return last;
    const one = this.#due[index] as Happening;
    this.#due[index] = last;
    return one;
  }
}

/** Happenings with the earliest first. */
class Heap {
  readonly #items: Happening[] = [];

  get first(): Happening | undefined {
    return this.#items[0];
  }

  push(item: Happening): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, items[parent] as Happening)) break;
      items[at] = items[parent] as Happening;
      at = parent;
    }
    items[at] = item;
  }

  /** There must be one. */
  pop(): Happening {
    const items = this.#items;
    const first = items[0] as Happening;
    const last = items.pop() as Happening;
    if (items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1] as Happening, items[child] as Happening)) {
        child += 1;
      }
      if (!isBefore(items[child] as Happening, last)) break;
      items[at] = items[child] as Happening;
      at = child;
    }
    items[at] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
