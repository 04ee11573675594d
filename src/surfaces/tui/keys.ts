import { DIALOG_KEYS, DIALOG_TITLES, type DialogGroup } from './dialog-keys.ts';
import type { PaneId } from './ui.ts';

/** One thing that keys do. */
export interface KeyBinding {
  /** Each is one key, or several after one another with blanks between: `g g`, `ctrl+w h`. */
  readonly keys: readonly string[];
  readonly help: string;
  readonly group: KeyGroup;
  /** Only while one of these panes has the focus; absent: everywhere. */
  readonly panes?: readonly PaneId[];
  /** Also while a dialog is open, or a search is typed. */
  readonly always?: true;
  /** The command line that does the same outside of the face. */
  readonly command?: string;
}

export const KEY_GROUPS = ['Move', 'Look', 'Filter', 'Search', 'Act', 'Leave'] as const;
export type KeyGroup = (typeof KEY_GROUPS)[number];

/** Every key of the terminal face. It feeds the dispatcher, the overlay on `?`, the palette and the guide. */
export const KEYS = {
  'pane.agents': { keys: ['1'], help: 'to the agents', group: 'Move' },
  'pane.plan': { keys: ['2'], help: 'to the plan', group: 'Move' },
  'pane.inbox': { keys: ['3'], help: 'to the inbox', group: 'Move' },
  'pane.events': { keys: ['4'], help: 'to the events', group: 'Move' },
  'pane.merges': { keys: ['5'], help: 'to the merges', group: 'Move' },
  'focus.next': {
    keys: ['tab', 'ctrl+w w', 'ctrl+w ctrl+w'],
    help: 'to the next pane or agent',
    group: 'Move',
  },
  'focus.previous': { keys: ['shift+tab', 'ctrl+w W'], help: 'to the one before', group: 'Move' },
  'focus.left': { keys: ['ctrl+w h', 'ctrl+w left'], help: 'to what stands on the left', group: 'Move' },
  'focus.down': { keys: ['ctrl+w j', 'ctrl+w down'], help: 'to what stands below', group: 'Move' },
  'focus.up': { keys: ['ctrl+w k', 'ctrl+w up'], help: 'to what stands above', group: 'Move' },
  'focus.right': { keys: ['ctrl+w l', 'ctrl+w right'], help: 'to what stands on the right', group: 'Move' },
  'focus.needy': { keys: ['!'], help: 'to the next that needs you', group: 'Move' },
  'plan.fold': {
    keys: ['h', 'left'],
    help: 'fold, or go up to what it belongs to',
    group: 'Move',
    panes: ['plan'],
  },
  'plan.unfold': { keys: ['l', 'right'], help: 'unfold', group: 'Move', panes: ['plan'] },
  'side.left': {
    keys: ['h', 'left'],
    help: 'to what stands on the left',
    group: 'Move',
    panes: ['agents', 'inbox', 'events', 'merges'],
  },
  'side.right': {
    keys: ['l', 'right'],
    help: 'to what stands on the right',
    group: 'Move',
    panes: ['agents', 'inbox', 'events', 'merges'],
  },
  'move.down': { keys: ['j', 'down'], help: 'a row down', group: 'Move' },
  'move.up': { keys: ['k', 'up'], help: 'a row up', group: 'Move' },
  'move.halfDown': { keys: ['ctrl+d'], help: 'half a screen down', group: 'Move' },
  'move.halfUp': { keys: ['ctrl+u'], help: 'half a screen up', group: 'Move' },
  'move.pageDown': { keys: ['ctrl+f', 'pgdn'], help: 'a screen down', group: 'Move' },
  'move.pageUp': { keys: ['ctrl+b', 'pgup'], help: 'a screen up', group: 'Move' },
  'move.top': { keys: ['g g', 'home'], help: 'to the beginning', group: 'Move' },
  'move.bottom': {
    keys: ['G', 'end'],
    help: 'to the end; an agent’s output is followed there',
    group: 'Move',
  },

  zoom: { keys: ['z'], help: 'give the pane the whole screen, and back', group: 'Look' },
  'events.all': { keys: ['v'], help: 'also events of little interest, and back', group: 'Look' },
  'plan.toggle': { keys: ['t'], help: 'the plan as a tree or as a graph', group: 'Look' },
  'plan.all': { keys: ['f a'], help: 'all tasks', group: 'Filter' },
  'plan.open': { keys: ['f o'], help: 'only those that are not done', group: 'Filter' },
  'plan.needsYou': { keys: ['f n'], help: 'only those that need you', group: 'Filter' },
  'plan.running': { keys: ['f r'], help: 'only those at work', group: 'Filter' },
  'plan.ready': { keys: ['f s'], help: 'only those that can start', group: 'Filter' },
  'plan.waiting': { keys: ['f w'], help: 'only those that wait for others', group: 'Filter' },
  'plan.failed': { keys: ['f f'], help: 'only failed and blocked ones', group: 'Filter' },
  'plan.done': { keys: ['f d'], help: 'only those that are done', group: 'Filter' },
  'open.agent': {
    keys: ['enter'],
    help: 'give the agent the whole screen, and back',
    group: 'Look',
    panes: ['agents'],
  },
  'task.show': {
    keys: ['i'],
    help: 'all about the task',
    group: 'Look',
    command: 'cw task show',
  },
  'task.logs': { keys: ['L'], help: 'what its agent said so far', group: 'Look', command: 'cw task logs' },
  'task.history': {
    keys: ['H'],
    help: 'the turns of its agents',
    group: 'Look',
    command: 'cw agent history',
  },
  settings: {
    keys: [','],
    help: 'the settings of this project, and of all your projects',
    group: 'Look',
    command: 'cw config set',
  },
  palette: { keys: [':', 'ctrl+p'], help: 'any command of cw', group: 'Look' },
  'command.said': { keys: [';'], help: 'what the last command said, once more', group: 'Look' },
  help: { keys: ['?'], help: 'these keys', group: 'Look' },
  redraw: { keys: ['ctrl+l'], help: 'draw everything anew', group: 'Look', always: true },

  search: { keys: ['/'], help: 'search in the pane', group: 'Search' },
  'search.next': { keys: ['n'], help: 'the next match', group: 'Search' },
  'search.previous': { keys: ['N'], help: 'the match before', group: 'Search' },
  'search.clear': {
    keys: ['esc'],
    help: 'end the search, the marks, the filter or the zoom',
    group: 'Search',
  },

  'plan.mark': {
    keys: ['space'],
    help: 'mark the task, or all in it: r, p and x act on all that are marked',
    group: 'Act',
    panes: ['plan'],
  },
  'inbox.open': {
    keys: ['enter'],
    help: 'answer it, decide it, or do what it asks for',
    group: 'Act',
    panes: ['inbox'],
  },
  'task.open': {
    keys: ['enter'],
    help: 'all about the task',
    group: 'Act',
    panes: ['plan', 'events', 'merges'],
  },
  'task.answer': { keys: ['a'], help: 'answer what the task asks', group: 'Act', command: 'cw inbox answer' },
  'task.approve': {
    keys: ['A'],
    help: 'approve the work of the task',
    group: 'Act',
    command: 'cw task approve',
  },
  'task.reject': { keys: ['R'], help: 'send its work back', group: 'Act', command: 'cw task reject' },
  'task.diff': {
    keys: ['d'],
    help: 'what the task changed, side by side',
    group: 'Act',
    command: 'cw task diff',
  },
  'task.comment': { keys: ['c'], help: 'comment on its work', group: 'Act', command: 'cw task comment' },
  'task.message': { keys: ['m'], help: 'write to its agent', group: 'Act', command: 'cw message send' },
  'task.shell': { keys: ['s'], help: 'a shell in its worktree, on this machine', group: 'Act' },
  'task.retry': { keys: ['r'], help: 'put it back into the queue', group: 'Act', command: 'cw task retry' },
  'task.cancel': { keys: ['x'], help: 'take it out of the work', group: 'Act', command: 'cw task cancel' },
  'task.pause': {
    keys: ['p'],
    help: 'let it rest, or let it go on',
    group: 'Act',
    command: 'cw task pause',
  },
  'task.edit': { keys: ['e'], help: 'change it in the roadmap', group: 'Act', command: 'cw task edit' },
  'task.add': { keys: ['o'], help: 'add a task', group: 'Act', command: 'cw task add' },
  'roadmap.take': {
    keys: ['C'],
    help: 'look at an edit of the roadmap, and confirm it',
    group: 'Act',
    command: 'cw roadmap confirm',
  },
  'roadmap.undo': {
    keys: ['u'],
    help: 'take the latest edit of the roadmap back',
    group: 'Act',
    command: 'cw roadmap undo',
  },
  'project.pause': {
    keys: ['P'],
    help: 'pause the project, or let it go on',
    group: 'Act',
    command: 'cw pause',
  },
  'account.resume': {
    keys: ['W'],
    help: 'let a provider that is paused take work again',
    group: 'Act',
    command: 'cw provider resume',
  },
  'orchestrator.stop': {
    keys: ['S'],
    help: 'let an orchestrator finish and end',
    group: 'Act',
    command: 'cw orchestrators stop',
  },
  deliver: {
    keys: ['D'],
    help: 'bring the merged work into your branch',
    group: 'Act',
    command: 'cw deliver',
  },

  quit: { keys: ['q'], help: 'leave; what runs in the background goes on', group: 'Leave' },
  interrupt: { keys: ['ctrl+c'], help: 'leave; a run of this process is stopped first', group: 'Leave' },
  suspend: {
    keys: ['ctrl+z'],
    help: 'back to the shell for a while (fg brings it back)',
    group: 'Leave',
    always: true,
  },
} as const satisfies Record<string, KeyBinding>;

export type KeyId = keyof typeof KEYS;

type Found =
  | { readonly kind: 'found'; readonly id: KeyId }
  /** More keys may follow. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'none' };

const ENTRIES = Object.entries(KEYS) as readonly (readonly [KeyId, KeyBinding])[];

/** What the keys typed so far mean while that pane has the focus. */
export function keyMeaning(typed: readonly string[], pane: PaneId): Found {
  const text = typed.join(' ');
  let isBegun = false;
  for (const [id, { keys, panes }] of ENTRIES) {
    if (panes !== undefined && !panes.includes(pane)) continue;
    for (const each of keys) {
      if (each === text) return { kind: 'found', id };
      isBegun ||= each.startsWith(`${text} `);
    }
  }
  return { kind: isBegun ? 'begun' : 'none' };
}

/** What may follow on the keys typed so far while that pane has the focus. */
export function keysAfter(
  typed: readonly string[],
  pane: PaneId,
): readonly { readonly key: string; readonly help: string }[] {
  const begin = `${typed.join(' ')} `;
  return ENTRIES.flatMap(([, { keys, panes, help }]) => {
    const found = keys.find((each) => each.startsWith(begin));
    const isMeant = panes === undefined || panes.includes(pane);
    return found === undefined || !isMeant ? [] : [{ key: found.slice(begin.length), help }];
  });
}

/** What a key means wherever it is pressed, also in a dialog. */
export function meaningAnywhere(key: string): KeyId | undefined {
  return ENTRIES.find(([, { always, keys }]) => always === true && keys.includes(key))?.[0];
}

/** A key as help and guide list it. */
export type ListedKey = Omit<KeyBinding, 'group'>;

export interface ListedGroup {
  readonly title: string;
  readonly keys: readonly ListedKey[];
}

/** The keys of the panes in the order of the table, by group. */
export function keysByGroup(): readonly ListedGroup[] {
  return KEY_GROUPS.map((title) => ({
    title,
    keys: ENTRIES.flatMap(([, binding]) => (binding.group === title ? [binding] : [])),
  }));
}

/** The keys of dialogs, by where they mean something. */
export function dialogKeysByGroup(): readonly ListedGroup[] {
  return Object.entries(DIALOG_KEYS).map(([id, keys]) => ({
    title: DIALOG_TITLES[id as DialogGroup],
    keys: Object.values(keys),
  }));
}

/** A key as people write it: `Ctrl-w h`, `Enter`. */
export function keyText(keys: string): string {
  return keys
    .split(' ')
    .map((key) => {
      const parts = key.split(/\+(?=.)/s);
      const name = parts.pop() ?? '';
      const modifiers = parts.map((each) => `${each[0]?.toUpperCase()}${each.slice(1)}-`);
      return `${modifiers.join('')}${NAMES[name] ?? name}`;
    })
    .join(' ');
}

const NAMES: Readonly<Record<string, string>> = {
  tab: 'Tab',
  enter: 'Enter',
  esc: 'Esc',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pgdn: 'PgDn',
  pgup: 'PgUp',
  home: 'Home',
  end: 'End',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Delete',
};
