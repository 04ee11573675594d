import { duration, money, timeOfDay } from '../../cli/format.ts';
import type { App } from '../app.ts';
import { columnsOfSpans, fill, heavy, row, ruled, type Span } from '../draw.ts';
import type { Area, Grid } from '../layout.ts';
import { grid } from '../layout.ts';
import type { AgentPane } from '../project/agents.ts';
import { agentSign } from '../task-signs.ts';
import { markMatches } from '../text/search.ts';
import type { Theme } from '../theme.ts';
import type { Ui } from '../ui.ts';
import { nobodyAtWork } from './empty.ts';

/** While fewer agents than this are at work, those that ended last stay beside them. */
const FEW = 4;

/** The agents that have a viewport, in roadmap order: all that are not over, and some that were until just now. */
export function shownAgents(agents: readonly AgentPane[]): readonly AgentPane[] {
  const isOver = ({ state }: AgentPane): boolean => state === 'failed' || state === 'complete';
  const room = Math.max(0, FEW - agents.filter((agent) => !isOver(agent)).length);
  const kept = new Set(
    agents
      .filter(isOver)
      .sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
      .slice(0, room),
  );
  return agents.filter((agent) => !isOver(agent) || kept.has(agent));
}

/** The agent that has the focus among those shown; undefined when there are none. */
export function focusedAgent({ view, ui }: Pick<App, 'view' | 'ui'>): AgentPane | undefined {
  const shown = shownAgents(view.agents);
  return shown.find(({ task }) => task === ui.agent) ?? shown[0];
}

/** Who has which viewport. A zoomed agent has the whole area. */
export function agentAreas(
  { view, ui }: Pick<App, 'view' | 'ui'>,
  area: Area,
): { readonly agents: readonly AgentPane[]; readonly grid: Grid; readonly count: number } {
  const all = shownAgents(view.agents);
  const focused = focusedAgent({ view, ui });
  const isAlone = ui.isZoomed && ui.focus === 'agents' && focused !== undefined;
  const shown = isAlone ? [focused] : all;
  const placed = grid(area, shown.length, focused === undefined ? 0 : shown.indexOf(focused));
  return {
    agents: shown.slice(placed.first, placed.first + placed.areas.length),
    grid: placed,
    count: all.length,
  };
}

/** All viewports, as rows of the area's width. */
export function drawAgents(app: App, area: Area, theme: Theme): readonly string[] {
  const { agents, grid: placed } = agentAreas(app, area);
  if (agents.length === 0) return fill(emptyRows(app, area, theme), area.width, area.height);
  const focused = focusedAgent(app)?.task;
  const rows: string[] = Array.from({ length: area.height }, () => '');
  agents.forEach((agent, index) => {
    const own = placed.areas[index];
    if (own === undefined) return;
    const hasFocus = app.ui.focus === 'agents' && agent.task === focused;
    const drawn = drawAgent(app, { agent, area: own, hasFocus, theme });
    drawn.forEach((text, at) => {
      const y = own.y - area.y + at;
      const parted = own.x > area.x ? theme.paint('border', theme.lines.vertical) : '';
      rows[y] = (rows[y] ?? '') + parted + text;
    });
  });
  return rows;
}

function emptyRows(app: App, { width }: Area, theme: Theme): readonly string[] {
  const words = nobodyAtWork(app).map((spans) => row([['  '], ...spans], width, theme));
  return [row([], width, theme), ...words];
}

function drawAgent(
  app: App,
  { agent, area, hasFocus, theme }: { agent: AgentPane; area: Area; hasFocus: boolean; theme: Theme },
): readonly string[] {
  const { width, height } = area;
  const rule: Span = [hasFocus ? heavy(theme) : theme.lines.horizontal, hasFocus ? 'focus' : 'border'];
  const end = endOf(agent, app.ui);
  const taken = Math.min(width, columnsOfSpans(end));
  const title =
    ruled(titleOf(agent, { rule, hasFocus, theme, width }), width - taken, theme, rule) +
    row(end, taken, theme);
  const said = detailOf(agent, theme);
  const details = said === undefined || height < 4 ? [] : [row(said, width, theme)];
  const size = { width, height: Math.max(0, height - 1 - details.length) };
  return fill([title, ...details, ...outputRows(app, agent, { size, theme })], width, height);
}

/** Sign and state, task, role, provider and step: with the end of the line all that is known without the focus. */
function titleOf(
  agent: AgentPane,
  { rule, hasFocus, theme, width }: { rule: Span; hasFocus: boolean; theme: Theme; width: number },
): readonly Span[] {
  if (width < 4) return [];
  const sign = agentSign(agent.state);
  const who = [agent.role, agent.provider].filter((each) => each !== undefined).join('/');
  const kind = agent.step === undefined || agent.step.kind === 'work' ? '' : ` ${agent.step.kind}`;
  const round = (agent.step?.round ?? 1) > 1 ? ` round ${agent.step?.round}` : '';
  const attempt = agent.attempt > 1 ? ` attempt ${agent.attempt}` : '';
  return [
    [`${rule[0]} `, rule[1]],
    [`${theme.sign(sign)} ${stateWords(agent)}`, sign],
    ['  '],
    [agent.task, hasFocus ? 'focus' : 'bold'],
    [`${who === '' ? '' : `  ${who}`}${kind}${round}${attempt} `, 'dim'],
  ];
}

/** What must not be cut where there is little room: how far it is, since when, and what it has cost. */
function endOf(agent: AgentPane, ui: Ui): readonly Span[] {
  const { progress, costUsd } = agent;
  return [
    ...(ui.scrolls.has(agent.task) ? ([[' scrolled', 'warning']] as const) : []),
    ...(progress?.percent === undefined
      ? []
      : ([[` ${progress.percent}%`, agentSign(agent.state)]] as const)),
    [timeText(agent, ui), 'dim'],
    ...(costUsd > 0 ? ([[` ${money(costUsd)}`, 'dim']] as const) : []),
    [' '],
  ];
}

function stateWords({ state, asked, until }: AgentPane): string {
  if (state === 'waiting') return asked === 'orchestrator' ? 'asks orchestrator' : 'waits for you';
  if (state === 'limited' || (state === 'paused' && until !== undefined)) {
    return until === undefined ? state : `${state} until ${timeOfDay(until).slice(0, 5)}`;
  }
  return state;
}

function timeText({ since, endedAt }: AgentPane, { now }: Pick<Ui, 'now'>): string {
  if (endedAt !== undefined) return ` ${duration(Math.max(0, now - endedAt))} ago`;
  return since === undefined ? '' : ` ${duration(Math.max(0, now - since))}`;
}

/** Why it does not go on, or how far it says it is. */
function detailOf({ state, reason, progress }: AgentPane, _theme: Theme): readonly Span[] | undefined {
  const isHeld = state === 'waiting' || state === 'paused' || state === 'limited' || state === 'failed';
  if (isHeld && reason !== undefined && reason !== '') return [['  '], [firstLine(reason), agentSign(state)]];
  if (progress !== undefined && progress.text !== '') return [['  '], [firstLine(progress.text), 'notice']];
  return undefined;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function outputRows(
  { ui, outputs }: App,
  { task }: AgentPane,
  { size, theme }: { size: { width: number; height: number }; theme: Theme },
): readonly string[] {
  const output = outputs.of(task);
  if (output === undefined || size.width <= 0) return [];
  const { rows } = output.window(size, ui.scrolls.get(task));
  const query = ui.search?.pane === 'agents' ? ui.search.text : '';
  if (query === '') return rows;
  return rows.map((text) => markMatches(text, query, (match) => theme.paint('match', match)));
}
