import type { ProjectApi } from '../../../core/api/ports.ts';
import type { Clock } from '../../../core/ports.ts';
import type { EventRow } from './event-rows.ts';
import { EventTail } from './event-tail.ts';
import { type Details, evolve, lacksReport } from './evolve.ts';
import { AgentOutputs } from './outputs.ts';
import { READ, readAgents, readReports, readTasks } from './read-records.ts';
import { load, type ProjectView, viewOf } from './view.ts';
import { joined, NOTHING, type Part, type Wants } from './wants.ts';

/** A new view comes this often at most, ms. */
const PACE_MS = 150;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [100, 5_000];
/** What makes no events, such as a heartbeat and another title of a phase, is looked at this often, ms. */
const LOOK_MS = 5_000;
/** From here on the log is not what was read before. */
const BREAKS = ['store.restored', 'log.accepted'] as const;
const REGULARLY: Wants = { ...NOTHING, parts: new Set<Part>(['orchestrators', 'outline', 'problem']) };

/**
 * Follows a project: a view of it as it is, and a new one whenever something has changed. After a cut it goes on from
 * the last event that it has seen, so nothing is missed and nothing is there twice.
 */
export class ProjectWatch {
  readonly outputs: AgentOutputs;
  readonly #api: ProjectApi;
  readonly #clock: Clock;
  /** The newest event at the last look. */
  #newest: EventRow | undefined;

  /** `onOutput`: an agent on screen has printed something; see `outputs`. */
  constructor(api: ProjectApi, { clock, onOutput }: { clock: Clock; onOutput?: () => void }) {
    this.#api = api;
    this.#clock = clock;
    this.outputs = new AgentOutputs(api, { clock, onChange: onOutput ?? (() => {}) });
  }

  /** Views, the newest when it is asked for, until `signal` aborts. Throws when the project cannot be read at first. */
  async *views(signal: AbortSignal): AsyncGenerator<ProjectView> {
    let view = await load(this.#api);
    this.#newest = view.events.at(-1);
    yield view;
    for (let cuts = 0; !signal.aborted; cuts += 1) {
      try {
        for await (const next of this.#follow(view, signal)) {
          cuts = 0;
          view = next;
          yield view;
        }
      } catch {
        if (signal.aborted) return;
        view = viewOf(view.records, 'reconnecting', view);
        yield view;
        await this.#clock.sleep(Math.min(FIRST_WAIT_MS * 2 ** cuts, LONGEST_WAIT_MS), signal);
      }
    }
  }

  /** From one view on, for as long as the connection lasts and the log is the same. Throws when it is cut. */
  async *#follow(from: ProjectView, signal: AbortSignal): AsyncGenerator<ProjectView> {
    const isAnother = await this.#isAnother(from);
    let view = isAnother ? await load(this.#api) : from;
    this.#newest = view.events.at(-1);
    if (isAnother || from.connection !== 'live') {
      view = viewOf(view.records, 'live', view);
      yield view;
    }
    this.outputs.wakeAll();
    using tail = new EventTail(this.#api, {
      after: view.seq,
      clock: this.#clock,
      onEvents: (events) => this.outputs.tell(events),
    });
    for (let lookedAt = this.#clock.steady(); ; ) {
      const events = await tail.next(LOOK_MS, signal);
      if (signal.aborted) return;
      const told = evolve(view, events);
      const isDue = this.#clock.steady() - lookedAt >= LOOK_MS;
      if (isDue) lookedAt = this.#clock.steady();
      // Nobody tells of it: the events of another log may all have numbers that were seen already.
      if (isDue) {
        if (await this.#isAnother(view)) return;
        this.#newest = view.events.at(-1);
      }
      // Not kept before all that they want was read: after a cut the same events come again.
      const after = await this.#readAll(told.view, joined(told.wants, isDue ? REGULARLY : NOTHING));
      if (after !== view) {
        view = after;
        yield view;
      }
      await this.#clock.sleep(PACE_MS, signal);
    }
  }

  /**
   * Is the log another one than that of the view, as when a backup was restored? Then the event that was the newest at
   * the last look is not in it, or a break stands behind that among the numbers that the view has.
   */
  async #isAnother({ seq }: ProjectView): Promise<boolean> {
    if ((await this.#api.head()) < seq) return true;
    const known = this.#newest;
    const after = known?.seq ?? 0;
    const [[found], [broken]] = await Promise.all([
      known === undefined ? [] : this.#api.events({ after: after - 1, limit: 1 }),
      this.#api.events({ after, types: BREAKS, limit: 1 }),
    ]);
    if (broken !== undefined && broken.seq <= seq) return true;
    return found?.seq !== known?.seq || found?.at !== known?.at || found?.type !== known?.type;
  }

  /** The view with all that is wanted, and what is wanted then. */
  async #readAll(from: ProjectView, wants: Wants): Promise<ProjectView> {
    if (wants.all) {
      const view = await load(this.#api);
      this.#newest = view.events.at(-1);
      return view;
    }
    let view = from;
    for (let open = wants; isWanted(open, view); ) {
      const { details, left } = await this.#details(view, open);
      const next = evolve(view, [], details);
      view = next.view;
      open = joined(left, next.wants);
    }
    return view;
  }

  /** Tasks first: which of them have a pane, and so agents, is known only then. */
  async #details(view: ProjectView, wants: Wants): Promise<{ details: Details; left: Wants }> {
    const parts = await Promise.all([...wants.parts].map((part) => this.#part(part)));
    const shared: Details = Object.assign({}, ...parts);
    if (wants.tasks === 'all') {
      const { tasks: list, roadmapProblem: is } = await this.#api.tasks();
      return { details: { ...shared, tasks: { list }, problem: { is } }, left: onlyAgents(wants) };
    }
    if (wants.tasks.size > 0 || wants.parts.has('problem')) {
      const ids = wants.tasks;
      const { tasks: list, roadmapProblem: is } = await readTasks(this.#api, [...ids]);
      return { details: { ...shared, tasks: { ids, list }, problem: { is } }, left: onlyAgents(wants) };
    }
    const paned = view.agents.map(({ task }) => task).filter((task) => wants.agents.has(task));
    const fresh = paned.filter((task) => lacksReport(view, task));
    const [agents, reports] = await Promise.all([
      readAgents(this.#api, paned),
      readReports(this.#api, fresh),
    ]);
    return { details: { ...shared, agents, reports }, left: NOTHING };
  }

  async #part(part: Part): Promise<Details> {
    return part === 'problem' ? {} : await READ[part](this.#api);
  }
}

function onlyAgents({ agents }: Wants): Wants {
  return { ...NOTHING, agents };
}

function isWanted({ tasks, agents, parts }: Wants, view: ProjectView): boolean {
  if (tasks === 'all' || tasks.size > 0 || parts.size > 0) return true;
  return view.agents.some(({ task }) => agents.has(task));
}
