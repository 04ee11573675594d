import type { TaskDiff } from '../../../core/api/ports.ts';
import type { Effect, Message, Told } from '../app.ts';
import { type DialogKeyId, dialogKey } from '../dialog-keys.ts';
import { lineOfRow, rowOfLine } from '../diff/diff-rows.ts';
import { type DiffState, layoutOf, linesOf, rowsOf } from '../diff/diff-state.ts';
import { lineNumberAt, parseDiff } from '../diff/parse-diff.ts';
import { sidesOf, tokensByLine } from '../diff/sides.ts';
import type { Highlighted } from '../syntax/highlight.ts';
import { keepInView, moveList } from '../widgets/list.ts';
import { editText, textInput } from '../widgets/text-input.ts';
import { type Dialog, type DialogStep, type Opened, open, type Size } from './dialog.ts';
import { renderDiff } from './diff-frame.ts';
import { openForm } from './form-dialog.ts';
import { writeComment } from './message.ts';
import { reviewWork } from './review.ts';

/** Shows what a task has changed, and takes comments and the verdict on it. */
export function showDiff({ task, size }: { task: string; size: Size }): Opened {
  const state: DiffState = {
    task,
    size,
    diff: undefined,
    files: [],
    error: undefined,
    focus: 'text',
    file: 0,
    line: 0,
    top: 0,
    view: 'auto',
    hidesSpaces: false,
    offset: 0,
    code: new Map(),
    asked: new Set(),
    search: '',
    typing: undefined,
    inner: undefined,
    notice: undefined,
  };
  const name = `diff.${task}.load`;
  return open(diffDialog, state, [{ kind: 'call', name, operation: 'diff', input: { task } }]);
}

const diffDialog: Dialog<DiffState> = {
  update: updateDiff,
  render: renderDiff,
  isWriting: ({ inner, typing }) => typing !== undefined || inner?.isWriting() === true,
};

type Step = DialogStep<DiffState>;

function updateDiff(state: DiffState, message: Message, view: Parameters<typeof diffDialog.update>[2]): Step {
  if (message.kind === 'told' && message.effect.startsWith(`diff.${state.task}.`)) {
    return told(state, message.effect.slice(`diff.${state.task}.`.length), message.result);
  }
  if (message.kind === 'resize') {
    const { width, height } = message;
    const sized = settled({ ...state, size: { width, height } });
    return state.inner === undefined ? { state: sized } : inside(sized, message, view);
  }
  if (state.inner !== undefined) return inside(state, message, view);
  if (state.typing !== undefined) return { state: typeSearch(state, message) };
  if (message.kind === 'mouse') return move(state, message);
  if (message.kind !== 'key') return { state };
  return press({ ...state, notice: undefined }, message);
}

/** What is being written gets the message; once it is sent, the diff is there again. */
function inside(state: DiffState, message: Message, view: Parameters<typeof diffDialog.update>[2]): Step {
  const step = state.inner?.update(message, view);
  if (step === undefined) return { state };
  if (!('close' in step)) return { state: { ...state, inner: step.dialog }, effects: step.effects };
  return { state: { ...state, inner: undefined, notice: step.notice }, effects: step.effects };
}

const LOAD = 'load';
const FILE = 'file.';
const CODE = 'code.';

function told(state: DiffState, what: string, result: Told): Step {
  if (!result.ok) {
    return {
      state: what === LOAD ? { ...state, error: result.error } : { ...state, notice: result.error.message },
    };
  }
  if (what === LOAD) {
    const diff = result.value as TaskDiff;
    return shown({ ...state, diff, files: parseDiff(diff.text, diff.files) });
  }
  if (what.startsWith(FILE)) return shown(withFile(state, what.slice(FILE.length), result.value as TaskDiff));
  if (what.startsWith(CODE)) return { state: withCode(state, what.slice(CODE.length), result.value) };
  return { state };
}

/** One file whose part of the diff was cut off before. */
function withFile(state: DiffState, path: string, { text, files }: TaskDiff): DiffState {
  const [found] = parseDiff(text, files);
  if (found === undefined) return state;
  return {
    ...state,
    files: state.files.map((file) => (file.path === path ? { ...file, lines: found.lines ?? [] } : file)),
  };
}

function withCode(state: DiffState, path: string, value: unknown): DiffState {
  const lines = state.files.find((file) => file.path === path)?.lines;
  if (value === undefined || value === null || lines === undefined) return state;
  const code = tokensByLine(sidesOf(lines), value as Highlighted);
  return { ...state, code: new Map(state.code).set(path, code) };
}

/** Asks for what the file on screen still lacks: its part of the diff, or its colours. */
function shown(state: DiffState): Step {
  const file = state.files[state.file];
  if (file === undefined || file.binary) return { state };
  const { path, lines } = file;
  const key = lines === undefined ? `${FILE}${path}` : `${CODE}${path}`;
  if (state.asked.has(key)) return { state };
  const asked = { ...state, asked: new Set(state.asked).add(key) };
  const name = `diff.${state.task}.${key}`;
  const effect: Effect =
    lines === undefined
      ? { kind: 'call', name, operation: 'diff', input: { task: state.task, files: [path] } }
      : { kind: 'highlight', name, path, texts: sidesOf(lines).map(({ text }) => text) };
  return { state: asked, effects: [effect] };
}

type Key = Extract<Message, { kind: 'key' }>;

function press(state: DiffState, message: Key): Step {
  const key = dialogKey('diff', message.key);
  if (key === 'close') return CLOSED;
  if (key === 'leave') return state.search === '' ? CLOSED : { state: { ...state, search: '' } };
  if (state.diff === undefined || state.files.length === 0) return { state };
  return key === undefined ? move(state, message) : ACTS[key](state);
}

const CLOSED: Step = { close: true, effects: [] };

const ACTS: Readonly<Record<Exclude<DialogKeyId<'diff'>, 'leave' | 'close'>, (state: DiffState) => Step>> = {
  nextFile: (state) => toFile(state, state.file + 1),
  previousFile: (state) => toFile(state, state.file - 1),
  nextHunk: (state) => ({ state: toHunk(state, 1) }),
  previousHunk: (state) => ({ state: toHunk(state, -1) }),
  files: (state) => ({ state: { ...state, focus: state.focus === 'files' ? 'text' : 'files' } }),
  look: (state) => ({ state: { ...state, focus: 'text' } }),
  right: (state) => ({ state: { ...state, offset: state.offset + SIDEWAYS } }),
  left: (state) => ({ state: { ...state, offset: Math.max(0, state.offset - SIDEWAYS) } }),
  sides: (state) => ({
    state: settled({ ...state, view: layoutOf(state).isSplit ? 'unified' : 'split' }),
  }),
  spaces: (state) => ({ state: settled({ ...state, hidesSpaces: !state.hidesSpaces }) }),
  search: (state) => ({ state: { ...state, typing: textInput() } }),
  next: (state) => find(state, 1),
  previous: (state) => find(state, -1),
  comment: (state) => begin(state, openForm(writeComment(place(state)))),
  approve: (state) => judge(state, 'approved'),
  reject: (state) => judge(state, 'rejected'),
};

const SIDEWAYS = 8;

function judge(state: DiffState, verdict: 'approved' | 'rejected'): Step {
  const commit = state.diff?.to;
  const work = { task: state.task, verdict, ...(commit === undefined ? {} : { commit }) };
  return begin(state, openForm(reviewWork(work)));
}

function begin(state: DiffState, { dialog, effects }: Opened): Step {
  return { state: { ...state, inner: dialog }, effects };
}

/** What a comment is about: the line that the cursor stands on. */
function place(state: DiffState): { task: string; file?: string; line?: number } {
  const { task } = state;
  const file = state.files[state.file]?.path;
  if (file === undefined) return { task };
  const line = state.focus === 'text' ? lineNumberAt(linesOf(state), state.line) : undefined;
  return { task, file, ...(line === undefined ? {} : { line }) };
}

function move(state: DiffState, message: Message): Step {
  const { rows } = layoutOf(state);
  if (state.focus === 'files') {
    const at = { selected: state.file, top: 0 };
    const moved = moveList(at, message, { count: state.files.length, rows });
    return moved === undefined ? { state } : toFile(state, moved.selected);
  }
  const all = rowsOf(state);
  const at = { selected: rowOfLine(all, state.line), top: state.top };
  const moved = moveList(at, message, { count: all.length, rows });
  if (moved === undefined) return { state };
  return { state: { ...state, line: lineOfRow(all, moved.selected), top: moved.top } };
}

function toFile(state: DiffState, file: number): Step {
  const to = Math.max(0, Math.min(file, state.files.length - 1));
  return to === state.file ? { state } : shown({ ...state, file: to, line: 0, top: 0, offset: 0 });
}

function toHunk(state: DiffState, by: 1 | -1): DiffState {
  const lines = linesOf(state);
  const isHunk = (at: number): boolean => lines[at]?.kind === 'hunk';
  for (let at = state.line + by; at >= 0 && at < lines.length; at += by) {
    if (isHunk(at)) return settled({ ...state, focus: 'text', line: at });
  }
  return state;
}

/** The cursor's row is on screen, whatever the size. */
function settled(state: DiffState): DiffState {
  const all = rowsOf(state);
  const place = { selected: rowOfLine(all, state.line), top: state.top };
  const { top } = keepInView(place, { count: all.length, rows: layoutOf(state).rows });
  return { ...state, top };
}

function typeSearch(state: DiffState, message: Message): DiffState {
  const { typing } = state;
  if (typing === undefined) return state;
  const key = message.kind === 'key' ? dialogKey('searching', message.key) : undefined;
  if (key === 'leave') return { ...state, typing: undefined };
  if (key === 'take') {
    const step = find({ ...state, typing: undefined, search: typing.text, line: state.line - 1 }, 1);
    return 'state' in step ? { ...step.state, line: Math.max(0, step.state.line) } : state;
  }
  return { ...state, typing: editText(typing, message) ?? typing };
}

/** The next line with what is searched for, in this file and those after it, around the end. */
function find(state: DiffState, by: 1 | -1): Step {
  const wanted = state.search.toLowerCase();
  const places = state.files.flatMap(({ lines = [] }, file) =>
    lines.flatMap(({ text }, line) => (text.toLowerCase().includes(wanted) ? [{ file, line }] : [])),
  );
  if (wanted === '' || places.length === 0) {
    return { state: { ...state, notice: wanted === '' ? undefined : `Nothing has "${state.search}".` } };
  }
  const isAfter = ({ file, line }: { file: number; line: number }): boolean =>
    file > state.file || (file === state.file && line > state.line);
  const isBefore = ({ file, line }: { file: number; line: number }): boolean =>
    file < state.file || (file === state.file && line < state.line);
  const found = by === 1 ? (places.find(isAfter) ?? places[0]) : (places.findLast(isBefore) ?? places.at(-1));
  if (found === undefined) return { state };
  return shown(settled({ ...state, focus: 'text', ...found }));
}
