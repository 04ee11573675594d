import type { CommandOutput } from './app.ts';
import type { PlanFilter } from './panes/plan-filter.ts';
import type { ScrollPlace } from './text/scrollback.ts';

/** The parts of the screen, in the order of their numbers. */
export const PANES = ['agents', 'plan', 'inbox', 'events', 'merges'] as const;
export type PaneId = (typeof PANES)[number];
/** Panes that are lists with a selected row. */
export type ListId = Exclude<PaneId, 'agents'>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the person has chosen to see. */
export interface Ui {
  readonly size: Size;
  readonly focus: PaneId;
  /** The task of the viewport that has the focus among the agents. */
  readonly agent: string | undefined;
  /** The focused pane, or the focused viewport of the agents, has the screen for itself. */
  readonly isZoomed: boolean;
  readonly lists: Readonly<Record<ListId, ListState>>;
  readonly planAs: 'tree' | 'graph';
  /** Ids of initiatives, phases and plans whose children are not shown. */
  readonly folded: ReadonlySet<string>;
  /** Which tasks the plan shows as a tree. */
  readonly filter: PlanFilter;
  /** Ids of tasks of the plan that keys for a task act on together. */
  readonly marked: ReadonlySet<string>;
  /** By task, what is at the top of its viewport; one that follows the end of its output is absent. */
  readonly scrolls: ReadonlyMap<string, ScrollPlace>;
  /** Events of little interest are listed too. */
  readonly allEvents: boolean;
  /** The beginning of a binding of several keys. */
  readonly typed: readonly string[];
  readonly search: Search | undefined;
  readonly notice: Notice | undefined;
  /** Command lines that were given in the palette, the newest last. */
  readonly history: readonly string[];
  /** What the last command said. */
  readonly said: SaidByCommand | undefined;
  /** Epoch ms. */
  readonly now: number;
  /** The run in this process, if there is one: its last words once it is over. */
  readonly run: RunState;
}

export type RunState =
  | { readonly kind: 'none' }
  /** `quitStops`: leaving the face is meant to stop it; else it goes on without the face. */
  | { readonly kind: 'running'; readonly quitStops: boolean }
  | { readonly kind: 'ended'; readonly text: string };

/** The selected row by its key; `index` is where it was, for when it is gone. `top`: the first row on screen. */
export interface ListState {
  readonly key: string | undefined;
  readonly index: number;
  readonly top: number;
}

export interface Search {
  readonly pane: PaneId;
  readonly text: string;
  /** The text is still being typed. */
  readonly isTyping: boolean;
}

export interface SaidByCommand {
  readonly argv: readonly string[];
  readonly output: CommandOutput;
}

/** One line of news at the bottom; goes when the next key comes. */
export interface Notice {
  readonly text: string;
  readonly look: 'notice' | 'failed';
}

const AT_THE_TOP: ListState = { key: undefined, index: 0, top: 0 };

export function initialUi(size: Size, now: number, run: RunState): Ui {
  return {
    size,
    focus: 'agents',
    agent: undefined,
    isZoomed: false,
    lists: { plan: AT_THE_TOP, inbox: AT_THE_TOP, events: AT_THE_TOP, merges: AT_THE_TOP },
    planAs: 'tree',
    folded: new Set(),
    filter: 'all',
    marked: new Set(),
    scrolls: new Map(),
    allEvents: false,
    typed: [],
    search: undefined,
    notice: undefined,
    history: [],
    said: undefined,
    now,
    run,
  };
}
