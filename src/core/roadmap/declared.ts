import type { Position } from '../source/located.ts';
import type { ItemKind } from './graph.ts';

/** Where each id, dependency and wave of a roadmap file was written. */
export interface Declared {
  readonly ids: Map<string, { readonly kind: ItemKind; readonly at: Position }>;
  /** Ids of tasks by their lower case: file systems that ignore case would give two of them one directory. */
  readonly tasksByCase: Map<string, string>;
  /** By owner, then by the id it names. */
  readonly dependencies: Map<string, ReadonlyMap<string, Position>>;
  /** By plan. */
  readonly waves: Map<string, Position>;
  /** Ids that items had before, with the item that says so. */
  readonly renames: Map<string, { readonly to: string; readonly at: Position }>;
}

export function nothingDeclared(): Declared {
  return {
    ids: new Map(),
    tasksByCase: new Map(),
    dependencies: new Map(),
    waves: new Map(),
    renames: new Map(),
  };
}
