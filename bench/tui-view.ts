// What the terminal face works out for itself: the view of a project after a change, and a frame of it, at 100 to 10,000
// tasks. CPU time is that of this process, with its garbage collection.
import { openStore } from '../src/adapters/store/open.ts';
import type { LoggedEvent, NewEvent } from '../src/core/events/event.ts';
import type { TaskId } from '../src/core/ids.ts';
import type { OutlinePart } from '../src/core/roadmap/outline.ts';
import type { Task } from '../src/core/tasks/task.ts';
import type { App, Message } from '../src/surfaces/tui/app.ts';
import { type Details, evolve } from '../src/surfaces/tui/project/evolve.ts';
import { load, type ProjectView } from '../src/surfaces/tui/project/view.ts';
import { render } from '../src/surfaces/tui/render.ts';
import { Scrollback } from '../src/surfaces/tui/text/scrollback.ts';
import { createTheme } from '../src/surfaces/tui/theme.ts';
import { initialUi, type Ui } from '../src/surfaces/tui/ui.ts';
import { update } from '../src/surfaces/tui/update.ts';
import { planOf, SOURCE } from '../test/contracts/store-kit.ts';
import { apiOf } from '../test/tui/store-api.ts';
import { median, type Section, table } from './stats.ts';

const SIZES = [100, 1_000, 10_000] as const;
const SIZE = { width: 200, height: 60 };
const AT_WORK = 16;
const PHASES = 10;
const PLANS = 10;
const THEME = createTheme({ colours: 'true', background: 'dark', unicode: true });

export async function benchTuiView(): Promise<Section> {
  const columns: Map<string, Cost>[] = [];
  for (const size of SIZES) columns.push(await measure(size));
  const steps = [...(columns.at(-1)?.keys() ?? [])];
  const rows = steps.map((step) => [step, ...columns.flatMap((column) => textOf(column.get(step)))]);
  return {
    title: 'The view of the terminal face',
    text: `Medians, ms: of the processor, and of the clock in brackets. Ten phases of ten plans, chains in each plan, each phase behind the one before; ${AT_WORK} agents are at work. A frame is one of ${SIZE.width}×${SIZE.height} after a task has changed. Aims at 10,000 tasks: one changed task 0.5 ms, a frame 3 ms.\n\n${table(['step', ...SIZES.map((size) => `${size.toLocaleString('en')} tasks`)], rows)}`,
  };
}

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

async function measure(size: number): Promise<Map<string, Cost>> {
  const costs = new Map<string, Cost>();
  const first = await loaded(size, costs);
  const at = (id: string): Task => first.tasks.get(id) as Task;
  const working = Array.from({ length: AT_WORK }, (_, number) => at(`t${number}`));
  const changes = working.map((task, number) =>
    read([{ ...task, costUsd: number + 1, inputTokens: number * 100 }]),
  );
  let view = first;
  const change = (n: number): void => {
    view = after(view, changes[n % AT_WORK]);
  };
  costs.set('one changed task', await cost(50, change));
  for (const freed of [1, 100].filter((count) => count * 2 < size)) {
    const waiting = first.tasks
      .list()
      .filter(({ state }) => state === 'pending')
      .slice(-freed);
    const [ended] = working;
    if (ended === undefined) continue;
    const done = read([
      { ...ended, state: 'done', finishedAt: 2 },
      ...waiting.map((task) => ({ ...task, pendingNeeds: 0 })),
    ]);
    const step = `one finished task that frees ${freed}`;
    costs.set(
      step,
      await cost(50, () => void after(first, done, [{ type: 'task.done', ...about(ended) } as NewEvent])),
    );
  }
  const added = { ...working[0], id: 'added' as TaskId, order: size } as Task;
  costs.set('one task that is added', await cost(20, () => void after(first, read([added]))));
  const batch = Array.from({ length: 64 }, (_, n): NewEvent => {
    const task = working[n % AT_WORK] as Task;
    return { type: 'agent.reported', ...about(task), step: 1, text: `at ${n}`, percent: n } as NewEvent;
  });
  costs.set('64 events that change no task', await cost(50, () => void after(first, {}, batch)));
  const ends = working.map((task, number) => {
    return [read([{ ...task, state: 'done', finishedAt: number }]), read([task])] as const;
  });
  for (const planAs of ['tree', 'graph', 'filtered tree'] as const) {
    let app = appOf(first, planAs);
    const frame = (details: Details | undefined): void => {
      app = update(app, { kind: 'view', view: after(app.view, details) }).app;
      render(app, THEME);
    };
    const step = (n: number): void => frame(changes[n % AT_WORK]);
    const end = (n: number): void => frame(ends[(n >> 1) % AT_WORK]?.[n & 1]);
    costs.set(`a frame with the plan as a ${planAs}, after a task has ended`, await cost(50, end));
    costs.set(`a frame with the plan as a ${planAs}, after a change`, await cost(50, step));
    costs.set(
      `a frame with the plan as a ${planAs}, of the same view`,
      await cost(50, () => void render(app, THEME)),
    );
  }
  const plan = appOf(first, 'tree');
  const searching = update(plan, key('/')).app;
  costs.set('a key of a search that finds nothing', await cost(20, () => void shown(searching, key('q'))));
  costs.set(
    'n to the last task and back',
    await cost(20, () => void shown(shown(found(plan, size), key('n')), key('n'))),
  );
  const palette = [...':task show t99'].reduce((app, letter) => update(app, key(letter)).app, plan);
  costs.set('a letter of a task in the palette', await cost(20, () => void shown(palette, key('9'))));
  costs.set('G, and folding there', await cost(20, () => void shown(shown(plan, key('G')), key('h'))));
  return costs;
}

/** Searches for what stands in the first and the last task only. */
function found(app: App, size: number): App {
  const typed = [...`/(${size - 1})`].reduce((next, letter) => update(next, key(letter)).app, app);
  return update(typed, { kind: 'key', key: 'enter', text: '' }).app;
}

function shown(app: App, message: Message): App {
  const next = update(app, message).app;
  render(next, THEME);
  return next;
}

function key(text: string): Message {
  return { kind: 'key', key: text, text };
}

function about({ id, attempts }: Task): object {
  return { task: id, attempt: attempts, fence: 1 };
}

function read(list: readonly Task[]): Details {
  return { tasks: { ids: new Set(list.map(({ id }) => id)), list } };
}

/** As the face does it: what the events want, then what was read. */
function after(view: ProjectView, details: Details = {}, events: readonly NewEvent[] = []): ProjectView {
  const happened = events.map((event, n) => ({ ...event, seq: view.seq + n + 1, at: n }) as LoggedEvent);
  const told = events.length === 0 ? view : evolve(view, happened).view;
  return evolve(told, [], details).view;
}

async function loaded(size: number, costs: Map<string, Cost>): Promise<ProjectView> {
  await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
  await store.sync(planOf(tasksOf(size), gatesOf(size)), SOURCE, { confirmed: true });
  const api = { ...apiOf(store), outline: async () => OUTLINE };
  const view = await load(api);
  costs.set('load, from a SQLite store in this process', await cost(5, async () => void (await load(api))));
  const running = view.tasks
    .list()
    .slice(0, AT_WORK)
    .map((task): Task => ({ ...task, state: 'running', attempts: 1, startedAt: 1 }));
  return after(view, read(running));
}

const OUTLINE: readonly OutlinePart[] = Array.from({ length: PHASES }, (_, phase) => ({
  kind: 'phase',
  id: `p${phase}`,
  title: `Phase ${phase}`,
  parts: Array.from({ length: PLANS }, (_plan, plan) => ({
    kind: 'plan',
    id: `p${phase}-${plan}`,
    title: `Plan ${plan}`,
    parts: [],
  })),
}));

function phaseOf(number: number, size: number): number {
  return Math.floor((number * PHASES) / size);
}

function tasksOf(size: number): Parameters<typeof planOf>[0] {
  return Object.fromEntries(
    Array.from({ length: size }, (_, number) => {
      const phase = phaseOf(number, size);
      const plan = Math.floor((number * PHASES * PLANS) / size) % PLANS;
      const isFirst = number < AT_WORK * 2 || number % 5 === 0;
      const needs = [...(isFirst ? [] : [`t${number - 1}`]), ...(phase === 0 ? [] : [`gate:p${phase - 1}`])];
      const title = `Task of plan ${plan} (${number === 0 ? size - 1 : number})`;
      return [`t${number}`, { title, needs, path: { phase: `p${phase}`, plan: `p${phase}-${plan}` } }];
    }),
  );
}

function gatesOf(size: number): Record<string, readonly string[]> {
  const names = Array.from({ length: size }, (_, number) => number);
  return Object.fromEntries(
    Array.from({ length: PHASES }, (_, phase) => [
      `p${phase}`,
      names.filter((number) => phaseOf(number, size) === phase).map((number) => `t${number}`),
    ]),
  );
}

function appOf(view: ProjectView, planAs: 'tree' | 'graph' | 'filtered tree'): App {
  const outputs = new Map(
    view.agents.map(({ task }) => {
      const output = new Scrollback();
      output.write(`writing a test\n`.repeat(100));
      return [task, output];
    }),
  );
  const ui: Ui = {
    ...initialUi(SIZE, Date.now(), { kind: 'none' }),
    focus: 'plan',
    planAs: planAs === 'graph' ? 'graph' : 'tree',
    filter: planAs === 'filtered tree' ? 'open' : 'all',
  };
  return { view, ui, dialog: undefined, outputs: { of: (task) => outputs.get(task) } };
}

/** Medians over `rounds`, after as many that are not counted. */
async function cost(rounds: number, step: (number: number) => void | Promise<void>): Promise<Cost> {
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let number = 0; number < rounds * 2; number += 1) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await step(number);
    const took = performance.now() - startedAt;
    const used = process.cpuUsage(before);
    if (number < rounds) continue;
    wall.push(took);
    cpu.push((used.user + used.system) / 1_000);
  }
  return { cpuMs: median(cpu), wallMs: median(wall) };
}

function textOf(of: Cost | undefined): string {
  return of === undefined ? '–' : `${of.cpuMs.toFixed(2)} (${of.wallMs.toFixed(2)})`;
}
