import assert from 'node:assert/strict';
import type { Tmux } from '../support/tmux.ts';

/** Keys one after the other, and what is on the screen once the last one was taken. */
export type Typed = readonly [keys: string, shows: RegExp];

/** What is pressed before the key, what the key must bring, and the way back. */
export interface Expectation {
  readonly given: readonly Typed[];
  /** Keys right behind it, where it shows nothing by itself: what they do says where it has led. */
  readonly probe?: string;
  /** Is not on the screen before. */
  readonly shows: RegExp;
  readonly after?: readonly Typed[];
}

/** Only without a dialog, a search and news. */
export const PANES_ALONE = /q leave *$/m;

export async function press(terminal: Tmux, [keys, shows]: Typed): Promise<string> {
  terminal.keys(...keys.split(' '));
  return await terminal.until(shows);
}

/** Presses it where it means something, and goes back. Each key is sent when what the one before it does was seen. */
export async function tryKey(terminal: Tmux, keys: string, expected: Expectation): Promise<void> {
  const { given, probe, shows, after = [] } = expected;
  let before = await terminal.until(PANES_ALONE);
  for (const typed of given) before = await press(terminal, typed);
  assert.doesNotMatch(before, shows, 'it is there before the key is pressed');
  await press(terminal, [probe === undefined ? keys : `${keys} ${probe}`, shows]);
  for (const typed of after) await press(terminal, typed);
}

/** Says which key it was that failed. */
export function failing(keys: string, id: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${keys} (${id}): ${error instanceof Error ? error.message : error}`, { cause: error });
  };
}
