import type { App } from './app.ts';
import { type Area, type Direction, layout, neighbour, paneAfter } from './layout.ts';
import { agentAreas, focusedAgent, shownAgents } from './panes/agents.ts';
import { type Step, seen } from './step.ts';
import type { PaneId } from './ui.ts';

/** What can have the focus: a pane, or the viewport of one agent. */
export interface Place extends Area {
  readonly pane: PaneId;
  readonly agent: string | undefined;
}

/** Everything on screen that can have the focus; a pane's title line belongs to it. */
export function placesOf(app: App): readonly Place[] {
  const { size, focus, isZoomed } = app.ui;
  const placed = layout(size, focus, isZoomed);
  const title = placed.isTabbed ? 0 : 1;
  return placed.columns.flat().flatMap(({ pane, ...area }): Place[] => {
    if (pane !== 'agents') return [{ pane, agent: undefined, ...area }];
    const inside = { ...area, y: area.y + title, height: Math.max(0, area.height - title) };
    const { agents, grid } = agentAreas(app, inside);
    if (agents.length === 0) return [{ pane, agent: undefined, ...area }];
    return agents.flatMap(({ task }, at) => {
      const own = grid.areas[at];
      return own === undefined ? [] : [{ pane, agent: task, ...own }];
    });
  });
}

/** Tasks whose agents have a viewport on screen. */
export function shownTasks(app: App): readonly string[] {
  return placesOf(app).flatMap(({ agent }) => agent ?? []);
}

export function focusedPlace(app: App): Place | undefined {
  const agent = focusedAgent(app)?.task;
  return placesOf(app).find(
    (place) => place.pane === app.ui.focus && (place.pane !== 'agents' || place.agent === agent),
  );
}

export function focusOn(app: App, { pane, agent }: Pick<Place, 'pane' | 'agent'>): Step {
  return seen(app, { focus: pane, ...(agent === undefined ? {} : { agent }) });
}

/** To what stands beside the focus; with one pane on screen, sideways to the next one. */
export function focusToward(app: App, to: Direction): Step {
  const from = focusedPlace(app);
  const places = placesOf(app);
  const next = from === undefined ? undefined : neighbour(from, places, to);
  if (next !== undefined) return focusOn(app, next);
  const isAlone = new Set(places.map(({ pane }) => pane)).size === 1;
  if (!isAlone || to === 'up' || to === 'down') return { app, effects: [] };
  return focusOn(app, { pane: paneAfter(app.ui.focus, to === 'right' ? 1 : -1), agent: undefined });
}

/** Through all agents and panes, around the end. */
export function focusAfter(app: App, by: 1 | -1): Step {
  const { focus } = app.ui;
  const agents = shownAgents(app.view.agents).map(({ task }) => task);
  if (focus === 'agents') {
    const at = agents.indexOf(focusedAgent(app)?.task ?? '');
    const next = agents[at + by];
    if (next !== undefined) return focusOn(app, { pane: 'agents', agent: next });
  }
  const pane = paneAfter(focus, by);
  return focusOn(app, { pane, agent: pane === 'agents' ? agents.at(by === 1 ? 0 : -1) : undefined });
}
