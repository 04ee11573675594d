import { textWidth } from '../../../core/terminal/width.ts';
import type { Message } from '../app.ts';
import { type DialogKeyId, dialogKey } from '../dialog-keys.ts';
import { fill, heavy, row, ruled, spread } from '../draw.ts';
import { commandOf, nameOf, type Offer, offersFor } from '../palette-words.ts';
import type { ProjectView } from '../project/view.ts';
import { splitLine } from '../split-line.ts';
import type { Theme } from '../theme.ts';
import type { Size } from '../ui.ts';
import { LIST_START, type ListPlace, moveList } from '../widgets/list.ts';
import { editText, type TextInput, textInput } from '../widgets/text-input.ts';
import { openCommand } from './command-output.ts';
import { type Dialog, type DialogStep, type Frame, type OpenDialog, type Opened, open } from './dialog.ts';

interface PaletteState {
  readonly line: TextInput;
  readonly place: ListPlace;
  /** The person chose from the list since they typed. */
  readonly isChosen: boolean;
  readonly size: Size;
  /** The task that was looked at: offered first. */
  readonly task: string | undefined;
  /** What the command says, once one was given. */
  readonly output: OpenDialog | undefined;
}

/** At most so many offers at once. */
const MOST_ROWS = 12;

/** Any command of `cw`, found by a few of its letters. `task`: the one that is looked at. `size`: of the screen. */
export function openPalette({ task, size }: { task: string | undefined; size: Size }): Opened {
  return open(palette, {
    line: textInput(),
    place: LIST_START,
    isChosen: false,
    size,
    task,
    output: undefined,
  });
}

const palette: Dialog<PaletteState> = { update, render, isWriting: ({ output }) => output === undefined };

function update(state: PaletteState, message: Message, view: ProjectView): DialogStep<PaletteState> {
  if (state.output !== undefined) return passOn(state, state.output, message, view);
  if (message.kind === 'resize') return { state: { ...state, size: message } };
  if (message.kind === 'key') {
    switch (dialogKey('palette', message.key)) {
      case 'close':
        return { close: true, effects: [] };
      case 'run':
        return enter(state, view);
      case 'complete':
        return { state: complete(state, offers(state, view)[state.place.selected]) };
    }
    if (message.key === 'backspace' && state.line.text === '') return { close: true, effects: [] };
  }
  const moved = move(state, message, offers(state, view).length);
  if (moved !== undefined) return { state: moved };
  const line = editText(state.line, message);
  if (line === undefined || line === state.line) return { state };
  return { state: { ...state, line, place: LIST_START, isChosen: false } };
}

function passOn(
  state: PaletteState,
  output: OpenDialog,
  message: Message,
  view: ProjectView,
): DialogStep<PaletteState> {
  const step = output.update(message, view);
  if ('close' in step) return step;
  return { state: { ...state, output: step.dialog }, effects: step.effects };
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
function enter(state: PaletteState, view: ProjectView): DialogStep<PaletteState> {
  const offered = offers(state, view);
  const chosen = offered[state.place.selected];
  const isWhole = commandOf(`${state.line.text} `) !== undefined;
  if (isWhole && !state.isChosen) return carryOut(state, state.line.text);
  if (chosen === undefined)
    return state.line.text.trim() === '' ? { state } : carryOut(state, state.line.text);
  const completed = complete(state, chosen);
  const needsMore = chosen.command?.args?.some(({ name }) => name.startsWith('<')) === true;
  return needsMore ? { state: completed } : carryOut(completed, completed.line.text);
}

function complete(state: PaletteState, offer: Offer | undefined): PaletteState {
  if (offer === undefined) return state;
  return { ...state, line: textInput(offer.line), place: LIST_START, isChosen: false };
}

function carryOut(state: PaletteState, line: string): DialogStep<PaletteState> {
  const words = splitLine(line.trim());
  const argv = words[0] === 'cw' ? words.slice(1) : words;
  if (argv.length === 0) return { state };
  const { dialog, effects } = openCommand(argv, state.size);
  return { state: { ...state, output: dialog }, effects };
}

function offers({ line, task }: PaletteState, view: ProjectView): readonly Offer[] {
  const ids = view.tasks.list().map(({ id }) => id as string);
  return offersFor(line.text, task === undefined ? ids : [task, ...ids.filter((id) => id !== task)]);
}

function listRows({ height }: Size, count: number): number {
  return Math.max(0, Math.min(MOST_ROWS, count, height - 3));
}

function render(state: PaletteState, size: Size, theme: Theme, view: ProjectView): Frame {
  if (state.output !== undefined) return state.output.render(size, theme, view);
  const { width, height } = size;
  const all = offers(state, view);
  const most = listRows(size, all.length);
  const { selected, top } = state.place;
  const names = Math.min(Math.floor(width / 2), Math.max(0, ...all.map(({ shown }) => textWidth(shown))) + 2);
  const rows = all.slice(top, top + most).map((offer, at) => {
    const isSelected = top + at === selected;
    const mark = isSelected ? theme.lines.arrow : ' ';
    const drawn = row(
      [
        [`${mark} ${offer.shown}`.padEnd(names + 2), isSelected ? undefined : 'bold'],
        [offer.help, isSelected ? undefined : 'dim'],
      ],
      width,
      theme,
    );
    return isSelected ? theme.paint('selected', drawn) : drawn;
  });
  const command = commandOf(state.line.text);
  const title = command === undefined ? 'Command' : `cw ${nameOf(command)}: ${command.summary}`;
  const line = spread(
    [[':', 'key'], [state.line.text]],
    [[' Enter runs, Tab completes, Esc closes', 'dim']],
    width,
    theme,
  );
  const frame = [
    ruled([[`${heavy(theme)} ${title} `, 'focus']], width, theme, [heavy(theme), 'focus']),
    ...fill(rows, width, most),
    line,
  ];
  const shown = frame.slice(Math.max(0, frame.length - height));
  const x = 1 + textWidth(state.line.text.slice(0, state.line.cursor));
  return { rows: shown, cursor: { x: Math.min(Math.max(0, width - 1), x), y: shown.length - 1 } };
}
