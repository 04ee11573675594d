import type { NewEvent } from '../../src/core/events/event.ts';
import type { TaskId } from '../../src/core/ids.ts';
import type { Task } from '../../src/core/tasks/task.ts';
import type { App, Message } from '../../src/surfaces/tui/app.ts';
import { withEvents } from '../../src/surfaces/tui/project/event-rows.ts';
import type { Records } from '../../src/surfaces/tui/project/records.ts';
import { TaskTable } from '../../src/surfaces/tui/project/task-table.ts';
import { type ProjectView, viewOf } from '../../src/surfaces/tui/project/view.ts';
import { render, type Screen } from '../../src/surfaces/tui/render.ts';
import { Scrollback } from '../../src/surfaces/tui/text/scrollback.ts';
import { createTheme } from '../../src/surfaces/tui/theme.ts';
import { initialUi, type RunState } from '../../src/surfaces/tui/ui.ts';
import { update } from '../../src/surfaces/tui/update.ts';
import { aTask, logged } from './cli-records.ts';

/** Noon UTC, so that times on screen are the same in the test's own time zone only where they are durations. */
const NOW = Date.UTC(2026, 10, 21, 12);

const NOTHING_USED = {
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costUsd: 0,
  unpricedTokens: 0,
};

const PLAIN_THEME = createTheme({ colours: 'none', background: 'dark', unicode: true });

export function aView(
  more: Partial<Omit<Records, 'tasks' | 'events'>> & {
    tasks?: readonly Task[];
    events?: readonly NewEvent[];
  } = {},
): ProjectView {
  const { tasks = [], events = [], ...rest } = more;
  const happened = events.map((event, at) => logged(at + 1, NOW + at, event));
  return viewOf(
    {
      seq: happened.length,
      project: 'shop',
      // In the order in which they are given.
      tasks: TaskTable.of(tasks.map((task, order) => Object.assign(task, { order }))),
      outline: [],
      agents: new Map(),
      reports: new Map(),
      questions: [],
      messages: [],
      plans: [],
      merges: [],
      orchestrators: [],
      paused: undefined,
      heartbeatMs: 3_000,
      accounts: [],
      spending: { total: NOTHING_USED, budgets: [] },
      maxWaiting: undefined,
      roadmapProblem: undefined,
      events: withEvents([], happened, happened.length),
      ...rest,
    },
    'live',
  );
}

/** A task that an agent is at. */
export function atWork(id: string, more: Partial<Task> = {}): Task {
  return aTask(id, { state: 'running', attempts: 1, startedAt: NOW - 65_000, ...more });
}

/** A task inside of a plan. */
export function inPlan(task: Task, path: Task['definition']['path']): Task {
  return { ...task, definition: { ...task.definition, path } };
}

export function needing(task: Task, ...needs: string[]): Task {
  return { ...task, needs: needs as TaskId[], pendingNeeds: needs.length };
}

export function anApp({
  view = aView(),
  size = { width: 80, height: 24 },
  printed = {},
  run = { kind: 'none' },
}: {
  view?: ProjectView;
  size?: { width: number; height: number };
  /** What the agents have printed, by task. */
  printed?: Readonly<Record<string, string>>;
  run?: RunState;
} = {}): App {
  const outputs = new Map(
    Object.entries(printed).map(([task, text]) => {
      const output = new Scrollback();
      output.write(text);
      return [task, output];
    }),
  );
  return {
    view,
    ui: initialUi(size, NOW, run),
    dialog: undefined,
    outputs: { of: (task) => outputs.get(task) },
  };
}

/** The message of a key by its name; a letter types itself. */
export function key(name: string): Message {
  return { kind: 'key', key: name, text: [...name].length === 1 ? name : name === 'space' ? ' ' : '' };
}

/** What the keys make of the app, one after the other: `g g` are two. */
export function press(app: App, keys: string): App {
  return keys.split(' ').reduce((next, each) => update(next, key(each)).app, app);
}

export function send(app: App, ...messages: readonly Message[]): App {
  return messages.reduce((next, message) => update(next, message).app, app);
}

/** The rows on screen without what stands behind the text. */
export function lines(app: App): readonly string[] {
  return draw(app).rows.map((row) => plain(row).trimEnd());
}

export function draw(app: App): Screen {
  return render(app, PLAIN_THEME);
}

/** Without colours and the like. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of the sequences that set colours.
  return text.replaceAll(/\u001b\[[\d;:]*m/g, '');
}
