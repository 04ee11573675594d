import type { OpenDialog } from '../dialogs/dialog.ts';
import type { ProjectView } from '../project/view.ts';
import type { Size } from '../ui.ts';
import type { ListPlace } from '../widgets/list.ts';
import type { TextInput } from '../widgets/text-input.ts';
import { readLine } from './command-line.ts';
import { type Offer, offersFor } from './offers.ts';
import { knownValues, sourceOf, type Value } from './values.ts';

export interface PaletteState {
  readonly line: TextInput;
  readonly place: ListPlace;
  /** The person chose from the list since they typed. */
  readonly isChosen: boolean;
  /** Enter was pressed on a line that cannot be carried out. */
  readonly isRefused: boolean;
  readonly size: Size;
  /** The task that was looked at: offered first. */
  readonly task: string | undefined;
  /** Lines that were given before, the newest last, and which of them the line was taken from. */
  readonly history: readonly string[];
  readonly recalled: number | undefined;
  /** What the project was asked for by its name, and what it said; undefined: it has not answered yet. */
  readonly told: ReadonlyMap<string, readonly Value[] | undefined>;
  /** What the command says, once one was given. */
  readonly output: OpenDialog | undefined;
}

/** At most so many offers at once. */
const MOST_ROWS = 12;

/** How many offers are on screen. */
export function listRows({ height }: Size, count: number): number {
  return Math.max(0, Math.min(MOST_ROWS, count, height - 3));
}

/** What may be meant by the line as it stands. */
export function offers(state: PaletteState, view: ProjectView): readonly Offer[] {
  const { line, task, history, told } = state;
  const typedWord = readLine(line.text)?.last.text ?? '';
  return offersFor(line.text, {
    history,
    values: (kind) => knownValues(kind, view, task) ?? told.get(sourceOf(kind, typedWord)) ?? [],
  });
}
