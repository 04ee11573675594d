import type { SourceProblem } from '../source/problem.ts';

/** What lies at one place of the inbox or the plan. `stamp` changes with every save; absent: it may be about to. */
export type PageContent =
  | { readonly kind: 'text'; readonly text: string; readonly stamp: string | undefined }
  | { readonly kind: 'missing' }
  /** Somebody is writing it: look again soon. */
  | { readonly kind: 'busy' }
  /** A link out of the directory, no text, too large. */
  | {
      readonly kind: 'unusable';
      readonly stamp: string;
      readonly message: string;
      readonly advice: string;
    };

/** All that lies in the two directories, by path: relative to `.codewalk`, with `/`. */
export interface FoundPages {
  /** Files that may be pages, with their stamps. */
  readonly pages: ReadonlyMap<string, string>;
  /** What people wrote and Codewalk could not take over, beside its page (`<name>.yours.md`). */
  readonly kept: ReadonlySet<string>;
  readonly warnings: ReadonlySet<string>;
}

/**
 * The files of `.codewalk/inbox` and `.codewalk/plan`. Nothing outside of them is ever read or written: no link is
 * followed out of them, and a path that leads out is an error.
 */
export interface PageFiles {
  scan(): Promise<FoundPages>;
  /** Never throws for what is or is not there. */
  read(path: string): Promise<PageContent>;
  /**
   * Puts `text` at the path in one step, so that no reader sees half of it. Only over exactly `over` (undefined: only
   * where nothing is); when somebody saves at the same moment, what they saved is there afterwards, or beside it.
   */
  replace(path: string, change: { over: string | undefined; text: string }): Promise<'written' | 'changed'>;
  /** Takes a file away that says exactly `over`. */
  remove(path: string, over: string): Promise<'removed' | 'changed'>;
  /** Keeps what a person wrote beside the page, under a name that nothing has. Returns its path. */
  keep(path: string, text: string): Promise<string>;
  /** Writes or takes away the warning beside a page. */
  warn(path: string, text: string | undefined): Promise<void>;
  /** Takes those of the directories away that are empty, and what holds only them. */
  prune(directories: ReadonlySet<string>): Promise<void>;
}

/** A text that we wrote, or took over from a person, at one path. */
export interface PageVersion {
  readonly text: string;
  /** As the text names it, so that what is saved over a newer one is known for what it was made from. */
  readonly revision: string | undefined;
}

/** What was written, kept across restarts. Whoever has it open is the only one who keeps the files of a checkout. */
export interface PageLedger extends Disposable {
  /** The newest text of every page that has not been taken away. */
  newest(): ReadonlyMap<string, string>;
  /** The last few texts of a path, newest first, also of one that was taken away. */
  versions(path: string): readonly PageVersion[];
  /** Written down before it is written to the file. A revision that is known already now stands for this text. */
  put(path: string, version: PageVersion): void;
  /** The page was taken away. */
  retire(path: string): void;
  /** Hash of the text that was refused last. */
  refused(path: string): string | undefined;
  setRefused(path: string, hash: string | undefined): void;
}

/** Something wrong with a page, where and what to do. */
export type PageProblem = Pick<SourceProblem, 'line' | 'col' | 'message' | 'advice'>;
