import type { SyncReason } from './ports.ts';

/** How a running orchestrator follows the file; all times in ms. */
export interface FollowSettings {
  readonly sync: 'watch' | 'poll' | 'off';
  readonly debounceMs: number;
  readonly stabilityMs: number;
  readonly pollMs: number;
  readonly safetyMs: number;
}

/** What is known of the file between two looks at its content. Times are those of a clock that is never set, ms. */
export interface Following {
  /** Stamp of the file whose content was last looked at; undefined also while there is no file. */
  readonly looked: string | undefined;
  /** Stamp at the last glance. */
  readonly stamp: string | undefined;
  /** When `stamp` was last found to be another one than before; undefined: nothing waits to be read. */
  readonly editedAt: number | undefined;
  /** When the next glance is due in any case. */
  readonly glanceAt: number;
  /** The last look did not bring the plan up to the file: the next glance leads to a look also without an edit. */
  readonly isBehind: boolean;
}

export type NextStep =
  | { readonly kind: 'look' }
  /** Compare the stamp, at the latest after so many ms. */
  | { readonly kind: 'glance'; readonly inMs: number };

/** While the file changes it is compared so often. */
export const CHECK_MS = 100;
/** File systems stamp times in steps of up to 10 ms: two writes within one step may look like one. */
const LEAST_QUIET_MS = 20;

/** How long the file must stay as it is before it is read. */
function quietMs({ sync, debounceMs, stabilityMs }: FollowSettings): number {
  return Math.max(sync === 'watch' ? debounceMs : 0, stabilityMs, LEAST_QUIET_MS);
}

/**
 * Time between two glances that nobody asks for. A poll has to find an edit and see it settle within `pollMs`, so it
 * glances earlier by what that takes, though never twice as often.
 */
export function glanceEveryMs({ sync, pollMs, safetyMs, stabilityMs }: FollowSettings): number {
  return sync === 'watch' ? safetyMs : Math.min(safetyMs, Math.max(pollMs - stabilityMs, pollMs / 2));
}

/** What follows from a glance that found `stamp`. An edit that comes while another one settles restarts its time. */
export function glanced(
  before: Following,
  { stamp, now }: { stamp: string | undefined; now: number },
  settings: FollowSettings,
): Following {
  const isDueNow = isDue(before, now);
  const glanceAt = isDueNow ? now + glanceEveryMs(settings) : before.glanceAt;
  if (stamp !== before.stamp) return { ...before, stamp, editedAt: now, glanceAt };
  if (before.editedAt === undefined) {
    return { ...before, glanceAt, editedAt: before.isBehind && isDueNow ? now : undefined };
  }
  return { ...before, glanceAt };
}

/** What follows from a look at the content of the file with `stamp`; `isBehind`: the plan is not that of the file. */
export function lookedAt(
  before: Following,
  { stamp, isBehind, now }: { stamp: string | undefined; isBehind: boolean; now: number },
): Following {
  // Which of the two is the newer one, the next glance tells.
  const glanceAt = before.stamp === stamp ? before.glanceAt : now;
  return { looked: stamp, stamp, editedAt: undefined, glanceAt, isBehind };
}

/** Read now, or wait? */
export function nextStep(state: Following, now: number, settings: FollowSettings): NextStep {
  const { editedAt, glanceAt } = state;
  if (editedAt === undefined) {
    return { kind: 'glance', inMs: Math.max(0, glanceAt - now) };
  }
  const leftMs = editedAt + quietMs(settings) - now;
  return leftMs <= 0 ? { kind: 'look' } : { kind: 'glance', inMs: Math.min(leftMs, CHECK_MS) };
}

/** Is the glance due that nobody asks for? */
export function isDue({ glanceAt }: Following, now: number): boolean {
  return now >= glanceAt;
}

/** Reasons that came together: the one that says most is told with the plan's change. */
export function strongest(reasons: ReadonlySet<SyncReason>): SyncReason {
  return ORDER.find((each) => reasons.has(each)) ?? 'safety';
}

const ORDER: readonly SyncReason[] = [
  'confirm',
  'write-back',
  'command',
  'plan-next',
  'edit',
  'task-done',
  'poll',
  'start',
  'safety',
];
