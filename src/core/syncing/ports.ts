import type { Plan, Roadmap } from '../roadmap/model.ts';
import type { RoadmapProblem } from '../roadmap/problem.ts';

/** Why the roadmap file was looked at. */
export const SYNC_REASONS = [
  'start',
  /** The watcher saw the file change, or the poll found it changed. */
  'edit',
  'poll',
  /** The slow look that finds what the watcher missed. */
  'safety',
  'task-done',
  /** Somebody asked for the next tasks, and the file is newer than the plan. */
  'plan-next',
  'command',
  'confirm',
  /** Codewalk itself has just changed the file. */
  'write-back',
] as const;
export type SyncReason = (typeof SYNC_REASONS)[number];

/** What the file is at one moment. `hash`: SHA-256 of its bytes, hex. */
export type RoadmapRead =
  | { readonly kind: 'valid'; readonly hash: string; readonly roadmap: Roadmap; readonly plan: Plan }
  /** Never empty, in the order of the file. */
  | { readonly kind: 'invalid'; readonly hash: string; readonly problems: readonly RoadmapProblem[] }
  /** Its bytes have the hash that the caller named: nothing was parsed. */
  | { readonly kind: 'same'; readonly hash: string }
  | { readonly kind: 'missing' }
  /** It is a directory, a pipe, or not readable. */
  | { readonly kind: 'unreadable'; readonly message: string; readonly advice: string };

/** The roadmap file of one project. */
export interface RoadmapSource {
  /** As people are shown it, relative to the project. */
  readonly path: string;
  /** Changes with every save; absent while there is no file. Reads no content. */
  stamp(): Promise<string | undefined>;
  /** Reads and checks the file, unless its hash is `known`. Never throws for what is or is not in the file. */
  read(known: string | undefined): Promise<RoadmapRead>;
}

/** Tells of changes to one file, also of those that replace it by another one (atomic saves). */
export interface FileWatcher {
  /** Calls `listener` soon after each change; may call it without one. The returned function ends it. */
  watch(listener: () => void): () => void;
}

/** A sync would take most of the open tasks out of the plan; it waits for `cw roadmap confirm`. */
export interface HeldRemoval {
  /** The open tasks that would leave. */
  readonly removed: readonly string[];
  /** How many tasks are open now. */
  readonly open: number;
}
