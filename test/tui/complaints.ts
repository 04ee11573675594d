import type { Ui } from '../../src/surfaces/tui/ui.ts';
import { type DrawnPane, type DrawnScreen, readScreen } from './read-screen.ts';
import type { Stored, StoredTask } from './store-says.ts';

/** What is known besides the database. */
export interface Known {
  readonly stored: Stored;
  /** What the person chose to look at. */
  readonly ui: Ui;
  /** What is wrong with the roadmap file. */
  readonly problem: string | undefined;
  /** Lines of the newest step's log file, by task. */
  printed(place: string): readonly string[];
  /** Nothing more is begun today. */
  readonly isBudgetSpent: boolean;
}

/** On fewer, what is told of the whole project is cut. */
const LEAST_COLUMNS = 90;

const FINISHED = ['done', 'skipped'];

/** Words and signs of a task's state, as the guide has them. */
const TASK_WORDS: Readonly<Record<string, string>> = {
  done: '✓ done',
  claimed: '▶ starting',
  running: '▶ running',
  merging: '⇢ merging',
  waiting_input: '? asking',
  ready: '○ ready',
  pending: '· waiting',
  failed: '✗ failed',
  blocked: '⊘ blocked',
  skipped: '− skipped',
  cancelled: '− cancelled',
};

/**
 * Everything on the screen that is not what the database says, in words; nothing when all is right. It knows how the
 * face looks from its guide, and shares no code with it. Undefined for a screen that is too small to be read.
 */
export function complaintsAbout(lines: readonly string[], known: Known): readonly string[] | undefined {
  const { width } = known.ui.size;
  const drawn = width < LEAST_COLUMNS ? undefined : readScreen(lines, width);
  if (drawn === undefined) return undefined;
  const panes = [
    [1, agents],
    [2, plan],
    [3, inbox],
    [4, events],
    [5, merges],
  ] as const;
  return [
    ...header(drawn, known),
    ...panes.flatMap(([number, check]) => {
      const pane = drawn.panes.get(number);
      return pane === undefined ? [] : check(pane, known).map((what) => `pane ${number}: ${what}`);
    }),
  ];
}

function header({ header: text }: DrawnScreen, { stored, ui, problem }: Known): string[] {
  const { tasks, costUsd } = stored;
  const count = (isSo: (task: StoredTask) => boolean): number => tasks.filter(isSo).length;
  const inState = (...states: readonly string[]): number => count(({ state }) => states.includes(state));
  // Where there is little room the signs stand for their words.
  const hasWords = / done /.test(text);
  const wanted = [
    [`▶`, inState('claimed', 'running', 'merging'), 'running'],
    [`○`, count(({ isReady }) => isReady), 'ready'],
    [`‖`, count(({ state, pausedBy }) => state === 'pending' && pausedBy !== undefined), 'paused'],
    [`?`, inState('waiting_input'), 'asking'],
    [`✗`, inState('failed'), 'failed'],
    [`⊘`, inState('blocked'), 'blocked'],
  ].flatMap(([sign, n, word]) => (n === 0 ? [] : [`${sign} ${n}${hasWords ? ` ${word}` : ''}`]));
  const done = `${inState(...FINISHED)}/${tasks.length}${hasWords ? ' done' : ''} `;
  const counted = hasWords ? /[▶○‖?✗⊘] \d+ (?:running|ready|paused|asking|failed|blocked)/g : /[▶○‖?✗⊘] \d+/g;
  const found = [...text.matchAll(counted)].map(([each]) => each);
  const isWhole = ui.size.width >= 150;
  const cost = costUsd > 0 && costUsd < 0.01 ? '<$0.01' : `$${costUsd.toFixed(2)}`;
  return [
    ...(text.includes(done) ? [] : [`header: no "${done}" in "${text}"`]),
    ...differences('header', found, isWhole ? wanted : wanted.slice(0, found.length)),
    ...(text.includes(` ${cost} `) ? [] : [`header: no "${cost}" in "${text}"`]),
    ...(text.includes('‖ project paused') === stored.isPaused ? [] : [`header: "${text}"`]),
    ...(text.includes('reconnecting') ? [`header: "${text}"`] : []),
    ...(text.includes('roadmap not taken') === (problem !== undefined)
      ? []
      : [`header: "${text}", ${problem}`]),
  ];
}

function plan(pane: DrawnPane, { stored, ui }: Known): string[] {
  const { tasks } = stored;
  const done = `${tasks.filter(({ state }) => FINISHED.includes(state)).length}/${tasks.length}`;
  if (!pane.title.startsWith(ui.planAs === 'tree' ? `Plan ${done}` : `Graph ${done}`))
    return [`title "${pane.title}"`];
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const rows = textsOf(pane);
  if (tasks.length === 0) return rows.join() === 'No tasks yet.' ? [] : [...rows];
  return ui.planAs === 'tree' ? tree(rows, { byId, pane, ui }) : graph(rows, byId);
}

function tree(
  rows: readonly string[],
  { byId, pane, ui }: { byId: ReadonlyMap<string, StoredTask>; pane: DrawnPane; ui: Ui },
): string[] {
  const wrong: string[] = [];
  const seen: string[] = [];
  let containers = 0;
  for (const row of rows) {
    const part = /^\s*[▾▸] (?:initiative|phase|plan)(?:…| (\S+)).* (\d+\/\d+)(?: [<$\d.]+)?$/.exec(row);
    if (part !== null) {
      containers += 1;
      const [, name, says] = part;
      // Where there is little room, there is none for its id, or for a part of it only.
      if (name === undefined || name.endsWith('…')) continue;
      const inside = [...byId.values()].filter(({ path }) => path.includes(name));
      const is = `${inside.filter(({ state }) => FINISHED.includes(state)).length}/${inside.length}`;
      if (says !== is) wrong.push(`"${row}" and not ${is}`);
      continue;
    }
    const [, sign = '', id = '', word = ''] = /^\s*(\S) (\S+).*? (paused by \S+|\S+)$/.exec(row) ?? [];
    const task = byId.get(id);
    if (task === undefined) wrong.push(`"${row}" is no task`);
    else if (`${sign} ${word}` !== wordsOf(task)) wrong.push(`"${row}" and not ${wordsOf(task)}`);
    seen.push(id);
  }
  if (new Set(seen).size < seen.length) wrong.push(`twice: ${seen}`);
  // Below the last row there is nothing only when there is nothing more.
  const hasRoom = rows.length < pane.rows.length;
  if (ui.folded.size === 0 && hasRoom && seen.length + containers === rows.length) {
    const missing = [...byId.keys()].filter((id) => !seen.includes(id));
    if (missing.length > 0) wrong.push(`missing: ${missing}`);
  }
  return wrong;
}

function graph(rows: readonly string[], byId: ReadonlyMap<string, StoredTask>): string[] {
  return rows.flatMap((row) =>
    [...row.matchAll(/([✓▶⇢?○‖·✗⊘−]) (\S+)(?= |$)/g)].flatMap(([whole, sign, id = '']) => {
      const task = byId.get(id);
      if (task === undefined) return isCut(row, whole) ? [] : [`"${whole}" of "${row}" is no task`];
      return wordsOf(task).startsWith(sign ?? '') ? [] : [`"${whole}" and not ${wordsOf(task)}`];
    }),
  );
}

/** Ids at the right edge may be cut. */
function isCut(row: string, text: string): boolean {
  return row.endsWith(text);
}

function wordsOf({ state, isReady, pausedBy }: StoredTask): string {
  if (state === 'pending' && pausedBy !== undefined) return `‖ paused by ${pausedBy}`;
  return TASK_WORDS[isReady ? 'ready' : state] ?? `no words for ${state}`;
}

function inbox(pane: DrawnPane, { stored, problem, isBudgetSpent }: Known): string[] {
  const { questions, messages, plans, refused, tasks } = stored;
  const said = [
    ...questions.map(({ task, text, isForPerson, isApproval, at }) => {
      const what = isApproval ? 'approve' : isForPerson ? 'question' : 'question to the orchestrator';
      return { at, text: `? ${what} ${task}  ${text}` };
    }),
    ...messages.map(({ from, text, at }) => {
      const task = /^task:(.*)$/.exec(from)?.[1];
      return { at, text: task === undefined ? `? message of ${from} ${text}` : `? message ${task}  ${text}` };
    }),
    ...plans.map(({ id, goal, at }) => ({ at, text: `? plan ${id}  ${goal}` })),
    ...stored.events
      .filter(({ type }) => type.startsWith('delivery.'))
      .slice(-1)
      .flatMap(({ type, at }) => (type === 'delivery.refused' ? [{ at, text: '? delivery' }] : [])),
  ].toSorted((a, b) => a.at - b.at);
  const heldUp = [
    ...refused.map(({ name, reason }) => ({ text: `✗ provider ${name} takes no work: ${reason}` })),
    ...(isBudgetSpent ? [{ text: '? budget $3.00 of this day are spent' }] : []),
  ];
  const failed = tasks
    .filter(({ state }) => state === 'failed')
    .toSorted((a, b) => a.finishedAt - b.finishedAt)
    .map(({ id, reason }) => ({ text: `✗ failed ${id}  ${reason}` }));
  const wanted = [
    ...(problem === undefined ? [] : [{ text: `? roadmap ${problem}` }]),
    ...heldUp,
    ...said,
    ...failed,
  ].map(({ text }) => text.trimEnd());
  const title = wanted.length === 0 ? 'Inbox' : `Inbox ${wanted.length}`;
  return [
    ...(pane.title === title ? [] : [`title "${pane.title}" and not "${title}"`]),
    ...windowOf(pane, wanted.length === 0 ? ['Nothing waits for you.'] : wanted),
  ];
}

const MERGE_SIGNS: Readonly<Record<string, string>> = {
  queued: '·',
  merging: '⇢',
  conflicted: '✗',
  merged: '✓',
};

function merges(pane: DrawnPane, { stored }: Known): string[] {
  const waiting = stored.merges.filter(({ state }) => state !== 'merged');
  const merged = stored.merges.filter(({ state }) => state === 'merged').toReversed();
  const wanted = [...waiting, ...merged].map(({ task, state, bounces }) => {
    const bounced = bounces === 0 ? '' : `  ${bounces} ${bounces === 1 ? 'bounce' : 'bounces'}`;
    return `${MERGE_SIGNS[state]} ${state} ${task}${bounced}`;
  });
  const title = waiting.length === 0 ? 'Merges' : `Merges ${waiting.length} waiting`;
  return [
    ...(pane.title === title ? [] : [`title "${pane.title}" and not "${title}"`]),
    ...windowOf(pane, wanted.length === 0 ? ['Nothing is merged or waits for it.'] : wanted),
  ];
}

function events(pane: DrawnPane, { stored, ui }: Known): string[] {
  const rows = textsOf(pane);
  if (stored.events.length === 0) return [];
  const isFollowing = ui.lists.events.key === undefined;
  // Without the details only some of them are listed; with them all are, and the newest is the last.
  const listed = stored.events.map(({ at, task }) => ({ time: timeOf(at), task }));
  if (!ui.allEvents) {
    const times = new Set(listed.map(({ time }) => time));
    return rows.filter((row) => !times.has(row.slice(0, 8)) && row !== 'Nothing has happened yet.');
  }
  const drawn = rows.map((row) => row.slice(0, 8));
  const starts = isFollowing
    ? [listed.length - drawn.length]
    : Array.from({ length: listed.length }, (_, at) => at);
  const isThere = starts.some((start) =>
    rows.every((row, at) => {
      const event = listed[start + at];
      return event !== undefined && event.time === drawn[at] && hasWord(row, event.task);
    }),
  );
  return isThere
    ? []
    : [`no such events: ${JSON.stringify(rows)}, ${JSON.stringify(listed.slice(-rows.length))}`];
}

function hasWord(row: string, word: string | undefined): boolean {
  return word === undefined || row.includes(word) || row.length > 40;
}

function timeOf(at: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Of agents that are over, so many stay that there are four in all. */
const FEW = 4;

function agents(pane: DrawnPane, known: Known): string[] {
  const { stored, ui } = known;
  const begun = stored.tasks.filter(({ attempts }) => attempts > 0);
  const inStates = (...states: readonly string[]): readonly StoredTask[] =>
    stored.tasks.filter(({ state }) => states.includes(state));
  const atWork = [
    ...inStates('claimed', 'running', 'merging', 'waiting_input'),
    ...begun.filter(({ state }) => state === 'pending'),
  ];
  const over = begun
    .filter(({ state }) => state === 'failed' || state === 'done')
    .toSorted((a, b) => b.finishedAt - a.finishedAt)
    .slice(0, Math.max(0, FEW - atWork.length));
  const shown = new Set([...atWork, ...over].map(({ id }) => id));
  const wanted = stored.tasks
    .filter(({ id }) => shown.has(id))
    .map((task) => ({ task, title: `${agentWords(task, known)}  ${task.id}` }));
  const drawn = pane.rows.flatMap((row) =>
    [...row.matchAll(/(?:^|│)[─━] ([▶?⇢◷‖✗✓] .*?)(?=[─━│]|$)/g)].map((match) => match[1]?.trimEnd() ?? ''),
  );
  const isAlone = ui.isZoomed && ui.focus === 'agents';
  const titleIsRight =
    pane.title === `Agents ${wanted.length}` || pane.title.startsWith(`Agents ${wanted.length} `);
  const start = wanted.findIndex(({ title }) => isOneOf(drawn[0] ?? '', title));
  return [
    ...(titleIsRight ? [] : [`title "${pane.title}" and not ${wanted.length}`]),
    ...(wanted.length > 0 && drawn.length === 0 ? [`no agent of ${wanted.length}`] : []),
    ...(isAlone && drawn.length > 1 ? [`not alone: ${drawn}`] : []),
    ...drawn.flatMap((title, at) => {
      const expected = wanted[start + at]?.title ?? 'none';
      return isOneOf(title, expected) ? [] : [`"${title}" and not "${expected}"`];
    }),
    ...outputs(pane, wanted.slice(Math.max(0, start), start + drawn.length), known),
  ];
}

/** A title says it all, or is cut at the right. */
function isOneOf(drawn: string, wanted: string): boolean {
  return drawn.length >= 6 && (`${drawn} `.startsWith(`${wanted} `) || wanted.startsWith(drawn));
}

function agentWords(task: StoredTask, { stored, isBudgetSpent }: Known): string {
  const asked = stored.questions.filter((question) => question.task === task.id);
  const asks = asked.some(({ isForPerson }) => isForPerson) || asked.length === 0;
  switch (task.state) {
    case 'failed':
      return '✗ failed';
    case 'merging':
      return '⇢ merging';
    case 'waiting_input':
      if (task.pausedBy !== undefined) return '‖ paused';
      return asks ? '? waits for you' : '? asks orchestrator';
    case 'claimed':
    case 'running':
      return asked.length === 0 ? '▶ working' : asks ? '? waits for you' : '? asks orchestrator';
    case 'pending': {
      if (task.pausedBy !== undefined || stored.isPaused) return '‖ paused';
      const closed = stored.closed.get(stored.accountOf.get(task.id) ?? '');
      if (closed !== undefined)
        return `◷ limited until ${timeOf(Math.max(closed, task.notBefore ?? 0)).slice(0, 5)}`;
      if (isBudgetSpent || task.notBefore === undefined) return '‖ paused';
      return `‖ paused until ${timeOf(task.notBefore).slice(0, 5)}`;
    }
    default:
      return '✓ complete';
  }
}

/** The last line of each agent on the screen, unless it is scrolled or its viewport shows none. */
function outputs(pane: DrawnPane, shown: readonly { task: StoredTask }[], { ui, printed }: Known): string[] {
  const text = pane.rows.join('\n');
  return shown.flatMap(({ task }) => {
    if (ui.scrolls.has(task.id)) return [];
    const lines = printed(task.place);
    const last = lines.at(-1);
    return last === undefined || text.includes(last) ? [] : [`${task.id} does not show "${last}"`];
  });
}

/** Rows without the mark of the selected one and what is empty below them. */
function textsOf(pane: DrawnPane): readonly string[] {
  const texts = pane.rows.map((row) => row.slice(1).trim());
  const last = texts.findLastIndex((text) => text !== '');
  return texts.slice(0, last + 1);
}

/** The pane shows these rows, from some row on, and all of them that it has room for. */
function windowOf(pane: DrawnPane, wanted: readonly string[]): string[] {
  const rows = textsOf(pane);
  const length = Math.min(pane.rows.length, wanted.length);
  const isAt = (start: number): boolean =>
    rows.every((row, at) => {
      const expected = wanted[start + at];
      return expected !== undefined && (`${row} `.startsWith(`${expected} `) || isCutTo(row, expected));
    });
  if (rows.length === length && wanted.some((_, start) => isAt(start))) return [];
  return [`shows ${JSON.stringify(rows)} of ${JSON.stringify(wanted)}`];
}

function isCutTo(row: string, expected: string): boolean {
  const text = row.replace(/…$/, '');
  return text.length > 12 && expected.startsWith(text);
}

function differences(where: string, found: readonly string[], wanted: readonly string[]): string[] {
  if (found.join('|') === wanted.join('|')) return [];
  return [`${where}: ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`];
}
