import type { TerminalLook } from '../../core/terminal/ports.ts';
import { RESET } from '../../core/terminal/sgr.ts';

/** How a piece of text looks, by what it means. */
export type Look =
  | 'title'
  | 'dim'
  | 'bold'
  | 'key'
  | 'focus'
  | 'selected'
  | 'match'
  | 'border'
  | 'notice'
  | 'warning'
  | 'error'
  | 'critical'
  | TaskSign
  // Diffs and code.
  | 'added'
  | 'removed'
  | 'addedLine'
  | 'removedLine'
  | 'addedWord'
  | 'removedWord'
  | 'hunk'
  | 'lineNumber'
  | 'keyword'
  | 'string'
  | 'number'
  | 'comment'
  | 'function'
  | 'type'
  | 'variable';

/** What an agent or a task is at, as its pane shows it. */
export type TaskSign =
  | 'pending'
  | 'ready'
  | 'working'
  | 'paused'
  | 'waiting'
  | 'failed'
  | 'done'
  | 'limited'
  | 'blocked'
  | 'merging'
  | 'cancelled';

/** Lines that frames and trees are drawn with. */
export interface Lines {
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly teeLeft: string;
  readonly teeRight: string;
  readonly teeDown: string;
  readonly teeUp: string;
  readonly cross: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly open: string;
  readonly closed: string;
  readonly arrow: string;
  readonly down: string;
  readonly full: string;
  readonly light: string;
  readonly ellipsis: string;
}

/** How the face looks on one terminal: looks by meaning, and signs that say the same without any colour. */
export interface Theme {
  /** Lays a look on safe text, which may have colours of its own. */
  paint(look: Look, text: string): string;
  /** One column wide, and another one for each. */
  sign(state: TaskSign): string;
  readonly lines: Lines;
}

type Codes = readonly [dark: string, light: string];
const same = (codes: string): Codes => [codes, codes];

// The 16 colours, which are the person's own palette, wherever they will do; of the 256 only where none of the 16 can
// be read on both grounds. The terminal turns them into what it has.
const LOOKS: Readonly<Record<Look, Codes>> = {
  title: same('1'),
  dim: ['38;5;245', '38;5;242'],
  bold: same('1'),
  key: ['1;36', '1;34'],
  focus: ['1;36', '1;34'],
  // A ground, so that what stands on it keeps its colours.
  selected: ['48;5;237', '48;5;253'],
  match: ['30;43', '30;103'],
  border: ['38;5;240', '38;5;248'],
  notice: ['36', '34'],
  warning: ['33', '38;5;130'],
  error: same('31'),
  critical: ['1;35', '1;35'],
  pending: ['38;5;245', '38;5;242'],
  ready: ['36', '34'],
  working: ['1;32', '1;38;5;28'],
  paused: ['34', '34'],
  waiting: ['1;33', '1;38;5;130'],
  failed: same('1;31'),
  done: ['32', '38;5;28'],
  limited: ['35', '35'],
  blocked: ['31', '31'],
  merging: ['36', '38;5;30'],
  cancelled: ['2', '2'],
  added: ['32', '38;5;28'],
  removed: same('31'),
  // Grounds for code in its own colours.
  addedLine: ['48;2;0;40;0', '48;2;218;251;225'],
  removedLine: ['48;2;63;0;1', '48;2;255;235;233'],
  addedWord: ['30;42', '30;48;5;157'],
  removedWord: ['30;41', '30;48;5;217'],
  hunk: ['36', '38;5;30'],
  lineNumber: ['38;5;240', '38;5;248'],
  keyword: ['35', '35'],
  string: ['32', '38;5;28'],
  number: ['33', '38;5;130'],
  comment: ['38;5;245', '38;5;242'],
  function: ['34', '34'],
  type: ['36', '38;5;30'],
  variable: ['38;5;180', '38;5;94'],
};

// Without colours a look that must be told from plain text is told by marks.
const MARKS: Readonly<Partial<Record<Look, string>>> = {
  title: '1',
  bold: '1',
  key: '1',
  focus: '1',
  selected: '7',
  match: '7',
  warning: '1',
  error: '1',
  critical: '1;4',
  working: '1',
  waiting: '1',
  failed: '1',
  addedWord: '4',
  removedWord: '4',
  keyword: '1',
};

/** Where no ground of the 256 colours is near. */
const OF_256: Readonly<Partial<Record<Look, Codes>>> = {
  addedLine: ['48;5;22', '48;5;194'],
  removedLine: ['48;5;52', '48;5;224'],
};
/** Where no ground of the 16 colours is near. */
const OF_16: Readonly<Partial<Record<Look, string>>> = { selected: '7', addedLine: '', removedLine: '' };

const SIGNS: Readonly<Record<TaskSign, readonly [unicode: string, ascii: string]>> = {
  pending: ['·', '.'],
  ready: ['○', 'o'],
  working: ['▶', '>'],
  paused: ['‖', '='],
  waiting: ['?', '?'],
  failed: ['✗', 'x'],
  done: ['✓', '+'],
  limited: ['◷', '@'],
  blocked: ['⊘', '#'],
  merging: ['⇢', '^'],
  cancelled: ['−', '-'],
};

const UNICODE_LINES: Lines = {
  horizontal: '─',
  vertical: '│',
  topLeft: '╭',
  topRight: '╮',
  bottomLeft: '╰',
  bottomRight: '╯',
  teeLeft: '├',
  teeRight: '┤',
  teeDown: '┬',
  teeUp: '┴',
  cross: '┼',
  branch: '├─',
  lastBranch: '└─',
  open: '▾',
  closed: '▸',
  arrow: '→',
  down: '↓',
  full: '█',
  light: '░',
  ellipsis: '…',
};

const ASCII_LINES: Lines = {
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  teeLeft: '+',
  teeRight: '+',
  teeDown: '+',
  teeUp: '+',
  cross: '+',
  branch: '|-',
  lastBranch: '`-',
  open: 'v',
  closed: '>',
  arrow: '>',
  down: 'v',
  full: '#',
  light: '.',
  ellipsis: '~',
};

export function createTheme({ colours, background, unicode }: TerminalLook): Theme {
  const codesOf = (look: Look): string => {
    if (colours === 'none') return MARKS[look] ?? '';
    const few = colours === '16' ? OF_16[look] : undefined;
    const codes = (colours === '256' ? OF_256[look] : undefined) ?? LOOKS[look];
    return few ?? codes[background === 'dark' ? 0 : 1];
  };
  return {
    paint: (look, text) => {
      const codes = codesOf(look);
      if (codes === '' || text === '') return text;
      const open = `\u001b[${codes}m`;
      // After what has a look of its own, this one goes on.
      const inside = text.includes(RESET) ? text.replaceAll(RESET, RESET + open) : text;
      return open + inside + RESET;
    },
    sign: (state) => SIGNS[state][unicode ? 0 : 1],
    lines: unicode ? UNICODE_LINES : ASCII_LINES,
  };
}
