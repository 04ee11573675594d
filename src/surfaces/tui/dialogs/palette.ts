import type { Completion } from '../../cli/commands.ts';
import type { Effect, Message } from '../app.ts';
import { type DialogKeyId, dialogKey } from '../dialog-keys.ts';
import { type CommandLine, readLine } from '../palette/command-line.ts';
import type { Offer } from '../palette/offers.ts';
import { listRows, offers, type PaletteState } from '../palette/palette-state.ts';
import { problemOf } from '../palette/problems.ts';
import { splitLine } from '../palette/split-line.ts';
import { askFor, knownValues, sourceOf, toldValues } from '../palette/values.ts';
import type { ProjectView } from '../project/view.ts';
import type { Size } from '../ui.ts';
import { LIST_START, moveList } from '../widgets/list.ts';
import { editText, type TextInput, textInput } from '../widgets/text-input.ts';
import { openCommand } from './command-output.ts';
import { type Dialog, type DialogStep, type Kept, type OpenDialog, type Opened, open } from './dialog.ts';
import { renderPalette } from './palette-frame.ts';

interface PaletteOpening {
  readonly task: string | undefined;
  /** Of the screen. */
  readonly size: Size;
  readonly history: readonly string[];
}

/** Any command of `cw`, found by a few of its letters. `task`: the one that is looked at. */
export function openPalette({ task, size, history }: PaletteOpening): Opened {
  return open(palette, {
    line: textInput(),
    place: LIST_START,
    isChosen: false,
    isRefused: false,
    size,
    task,
    history,
    recalled: undefined,
    told: new Map(),
    output: undefined,
  });
}

const palette: Dialog<PaletteState> = {
  update,
  render: renderPalette,
  isWriting: ({ output }) => output === undefined,
};

type Step = DialogStep<PaletteState>;

function update(state: PaletteState, message: Message, view: ProjectView): Step {
  if (message.kind === 'told' && state.told.has(message.effect)) return { state: hear(state, message) };
  if (state.output !== undefined) return passOn(state, state.output, message, view);
  if (message.kind === 'resize') return { state: { ...state, size: message } };
  if (message.kind === 'key') {
    const meaning = dialogKey('palette', message.key);
    switch (meaning) {
      case 'close':
        return { close: true, effects: [] };
      case 'run':
        return enter(state, view);
      case 'complete':
        return asking(complete(state, offers(state, view)[state.place.selected]), view);
      case 'up':
      case 'down': {
        const recalled = recall(state, meaning === 'up' ? -1 : 1);
        if (recalled !== undefined) return asking(recalled, view);
      }
    }
    if (message.key === 'backspace' && state.line.text === '') return { close: true, effects: [] };
  }
  const moved = move(state, message, offers(state, view).length);
  if (moved !== undefined) return { state: moved };
  const line = editText(state.line, message);
  if (line === undefined || line === state.line) return { state };
  return asking(typed(state, line), view);
}

function typed(state: PaletteState, line: TextInput): PaletteState {
  return { ...state, line, place: LIST_START, isChosen: false, isRefused: false, recalled: undefined };
}

function passOn(state: PaletteState, output: OpenDialog, message: Message, view: ProjectView): Step {
  const step = output.update(message, view);
  if ('close' in step) return step;
  const { dialog, ...rest } = step;
  return { state: { ...state, output: dialog }, ...rest };
}

/** Up in an empty line, or in one from before, goes to the line that was given before it. */
function recall(state: PaletteState, by: 1 | -1): PaletteState | undefined {
  const { history, recalled, isChosen, line } = state;
  if (isChosen || (line.text !== '' && recalled === undefined)) return undefined;
  if (recalled === undefined && (by === 1 || history.length === 0)) return undefined;
  const at = (recalled ?? history.length) + by;
  if (at >= history.length) return typed(state, textInput());
  const index = Math.max(0, at);
  return { ...typed(state, textInput(history[index])), recalled: index };
}

/** Letters are typed here: only the arrows and what shells have for them choose. */
const MOVES: Readonly<Partial<Record<DialogKeyId<'palette'>, string>>> = {
  up: 'up',
  down: 'down',
  pageUp: 'pgup',
  pageDown: 'pgdn',
};

function move(state: PaletteState, message: Message, count: number): PaletteState | undefined {
  const isWheel = message.kind === 'mouse';
  const meaning = message.kind === 'key' ? dialogKey('palette', message.key) : undefined;
  const key = meaning === undefined ? undefined : MOVES[meaning];
  if (!isWheel && key === undefined) return undefined;
  const moving: Message = key === undefined ? message : { kind: 'key', key, text: '' };
  const place = moveList(state.place, moving, { count, rows: listRows(state.size, count) });
  return place === undefined ? undefined : { ...state, place, isChosen: true };
}

/** A whole command line is carried out; else what is chosen goes into the line first. */
function enter(state: PaletteState, view: ProjectView): Step {
  // Nothing is carried out that nobody has named.
  if (state.line.text.trim() === '' && !state.isChosen) return { state };
  const chosen = offers(state, view)[state.place.selected];
  const read = readLine(`${state.line.text} `);
  if (read === undefined || state.isChosen) {
    if (chosen === undefined) return carryOut(state);
    const completed = complete(state, chosen);
    const whole = readLine(completed.line.text);
    const isMore = whole === undefined || problemOf(whole, false) !== undefined;
    return chosen.command === undefined || isMore ? asking(completed, view) : carryOut(completed);
  }
  const problem = problemOf(read, false);
  if (problem === undefined) return carryOut(state);
  // What is missing may stand in the list.
  const isOffered = problem.isUnfinished && state.line.text.endsWith(' ') && chosen?.command === undefined;
  if (isOffered && chosen !== undefined && !chosen.shown.startsWith('-')) {
    return asking(complete(state, chosen), view);
  }
  // Behind a blank stands what is wrong, or what is offered.
  const isNamed = readLine(state.line.text) !== undefined && !problem.isUnfinished;
  const spaced = isNamed ? state : typed(state, textInput(`${state.line.text.trimEnd()} `));
  return asking({ ...spaced, isRefused: true }, view);
}

function complete(state: PaletteState, offer: Offer | undefined): PaletteState {
  return offer === undefined ? state : typed(state, textInput(offer.line));
}

function carryOut(state: PaletteState): Step {
  const line = state.line.text.trim();
  const words = splitLine(line);
  const argv = words[0] === 'cw' ? words.slice(1) : words;
  if (argv.length === 0) return { state };
  const { dialog, effects } = openCommand(argv, state.size);
  const keeps: Kept = { kind: 'line', line };
  return { state: { ...state, output: dialog }, effects, keeps };
}

/** With what the word at hand may be asked of the project, once. */
function asking(state: PaletteState, view: ProjectView): Step {
  const read = readLine(state.line.text);
  const kind = read === undefined ? undefined : kindAt(read);
  if (read === undefined || kind === undefined || knownValues(kind, view, state.task) !== undefined) {
    return { state };
  }
  const source = sourceOf(kind, read.last.text);
  const effect: Effect | undefined = askFor(kind, read.last.text);
  if (effect === undefined || state.told.has(source)) return { state };
  return { state: { ...state, told: new Map(state.told).set(source, undefined) }, effects: [effect] };
}

function kindAt({ place }: CommandLine): Completion | undefined {
  switch (place.kind) {
    case 'value':
      return place.option.completes;
    case 'argument':
      return place.spec?.completes;
    case 'option':
      return undefined;
  }
}

/** What cannot be read is not offered; the command says what is wrong. */
function hear(state: PaletteState, { effect, result }: Extract<Message, { kind: 'told' }>): PaletteState {
  const read = readLine(state.line.text);
  const kind = read === undefined ? undefined : kindAt(read);
  const isMeant = read !== undefined && kind !== undefined && sourceOf(kind, read.last.text) === effect;
  const told = new Map(state.told);
  if (result.ok && isMeant) told.set(effect, toldValues(kind, read.last.text, result.value));
  // The line has gone on meanwhile: it is asked for again when it is wanted again.
  else if (result.ok) told.delete(effect);
  else told.set(effect, []);
  return { ...state, told };
}
