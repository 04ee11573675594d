import type { TaskDiff } from '../../../core/api/ports.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { OpenDialog, Size } from '../dialogs/dialog.ts';
import type { Token } from '../syntax/token.ts';
import type { TextInput } from '../widgets/text-input.ts';
import { type DiffRow, type SamePairs, spacePairs, splitRows, unifiedRows } from './diff-rows.ts';
import type { DiffLine, FileDiff } from './parse-diff.ts';

/** What a person looks at of a task's changes. */
export interface DiffState {
  readonly task: string;
  readonly size: Size;
  /** Undefined until the project has answered. */
  readonly diff: TaskDiff | undefined;
  readonly files: readonly FileDiff[];
  readonly error: ErrorFacts | undefined;
  readonly focus: 'files' | 'text';
  /** Index of the file that is shown. */
  readonly file: number;
  /** Index of the line of it that the cursor stands on, and the row at the top of the screen. */
  readonly line: number;
  readonly top: number;
  /** `auto`: side by side where there is room. */
  readonly view: 'auto' | 'split' | 'unified';
  /** Changes of spaces alone are shown as if there were none. */
  readonly hidesSpaces: boolean;
  /** The first column that is shown. */
  readonly offset: number;
  /** By path, the code of its lines. */
  readonly code: ReadonlyMap<string, ReadonlyMap<number, readonly Token[]>>;
  /** Paths that were asked for, so that each is once. */
  readonly asked: ReadonlySet<string>;
  readonly search: string;
  readonly typing: TextInput | undefined;
  /** A comment or a verdict that is being written. */
  readonly inner: OpenDialog | undefined;
  readonly notice: string | undefined;
}

export interface DiffLayout {
  readonly width: number;
  readonly height: number;
  /** Columns of the list of files; 0: it takes the place of the text while it has the focus. */
  readonly list: number;
  readonly text: number;
  readonly isSplit: boolean;
  /** Rows for lines of the file. */
  readonly rows: number;
}

const LEAST_FOR_LIST = 110;
const LEAST_FOR_SPLIT = 90;
/** Border and margins. */
const FRAME_COLUMNS = 4;
const FRAME_ROWS = 2;
/** The row with the name of the file. */
const HEAD_ROWS = 1;

export function layoutOf({ size, view }: Pick<DiffState, 'size' | 'view'>): DiffLayout {
  const width = Math.max(0, size.width - FRAME_COLUMNS);
  const height = Math.max(0, size.height - FRAME_ROWS);
  const list = width >= LEAST_FOR_LIST ? Math.min(40, Math.floor(width * 0.22)) : 0;
  const text = list === 0 ? width : width - list - 1;
  const isSplit = view === 'auto' ? text >= LEAST_FOR_SPLIT : view === 'split';
  return { width, height, list, text, isSplit, rows: Math.max(0, height - HEAD_ROWS) };
}

const NO_LINES: readonly DiffLine[] = [];

export function linesOf({ files, file }: Pick<DiffState, 'files' | 'file'>): readonly DiffLine[] {
  return files[file]?.lines ?? NO_LINES;
}

interface Known {
  readonly same: SamePairs;
  split?: readonly DiffRow[];
  unified?: readonly DiffRow[];
}

const ALL = new WeakMap<readonly DiffLine[], Known>();
const WITHOUT_SPACES = new WeakMap<readonly DiffLine[], Known>();
const NONE: SamePairs = new Map();

function knownOf(state: Pick<DiffState, 'files' | 'file' | 'hidesSpaces'>): Known {
  const lines = linesOf(state);
  const cache = state.hidesSpaces ? WITHOUT_SPACES : ALL;
  const known = cache.get(lines) ?? { same: state.hidesSpaces ? spacePairs(lines) : NONE };
  cache.set(lines, known);
  return known;
}

/** Lines of the file that are shown as if they were not changed. */
export function sameOf(state: Pick<DiffState, 'files' | 'file' | 'hidesSpaces'>): SamePairs {
  return knownOf(state).same;
}

/** The rows of the file, made once for each way to show it. */
export function rowsOf(
  state: Pick<DiffState, 'files' | 'file' | 'size' | 'view' | 'hidesSpaces'>,
): readonly DiffRow[] {
  const lines = linesOf(state);
  const known = knownOf(state);
  if (layoutOf(state).isSplit) {
    known.split ??= splitRows(lines, known.same);
    return known.split;
  }
  known.unified ??= unifiedRows(lines, known.same);
  return known.unified;
}
