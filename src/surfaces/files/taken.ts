import type { PageProblem, PageVersion } from '../../core/files/ports.ts';
import type { DoorOutcome } from './doors.ts';

/** A file that a person saved. */
export interface Saved {
  readonly path: string;
  readonly text: string;
  /** Changes with every save. */
  readonly stamp: string;
  /** What we know to have stood there, newest first. */
  readonly versions: readonly PageVersion[];
}

/** What became of a person's save. */
export type Taken =
  /** It was carried out. `conflict`: but for what the other side had changed as well. */
  | { readonly kind: 'accepted'; readonly conflict?: boolean; readonly revision?: string | undefined }
  | { readonly kind: 'refused'; readonly problem: PageProblem }
  /** It says nothing yet. */
  | { readonly kind: 'left' }
  /** It was carried out, and what it says is elsewhere now; `to`: it goes on at this path. */
  | { readonly kind: 'moved'; readonly to?: string }
  /** Too late: what it is about is over. `beside`: the page beside which it is kept. */
  | { readonly kind: 'late'; readonly beside: string };

export function refused(problem: PageProblem): Taken {
  return { kind: 'refused', problem };
}

/** A refusal of what the page asks for, at the place that asks. */
export function refusedAt(
  at: { readonly line: number; readonly col: number },
  { message, advice }: Extract<DoorOutcome, { kind: 'refused' }>,
): Taken {
  return refused({ line: at.line, col: at.col, message, advice });
}
