import type { TurnOutcome } from '../agents/outcome.ts';

/** Two texts with the same end of this many letters, blanks apart, are taken for one that was said twice. */
const COMPARED = 2_000;

/** The end of what an agent says in one turn. */
export class SaidTail {
  #letters = '';

  add(text: string): void {
    this.#letters = (this.#letters + lettersOf(text)).slice(-COMPARED);
  }

  /** Was this the last that it said? */
  endsWith(text: string): boolean {
    return this.#letters.endsWith(lettersOf(text));
  }
}

/** The line of the log that says how a turn ended. Many CLIs hand over as their answer what they have just said. */
export function endingLine(outcome: TurnOutcome, said: SaidTail): string {
  if (outcome.kind !== 'success') return `[${outcome.kind}] ${outcome.reason}`;
  return said.endsWith(outcome.text) ? '[success]' : `[success] ${outcome.text}`;
}

/** Blanks differ: a CLI may hand over its words in pieces, and its answer as a whole. */
function lettersOf(text: string): string {
  // Only the end counts, and all of a long text would have to be gone through.
  return text
    .slice(-COMPARED * 2)
    .replaceAll(/\s+/g, '')
    .slice(-COMPARED);
}
