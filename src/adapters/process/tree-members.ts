import type { ProcessIdentity } from '../../core/agents/ports.ts';
import type { ProcessRow } from './process-row.ts';
import { startedBefore } from './process-row.ts';

/** A tree whose members are looked for again and again. */
export interface KnownTree {
  readonly leader: ProcessIdentity;
  /** In the environment of everything that its leader starts. */
  readonly marker: string;
  /** Start times of its members at the last look, by pid; written by `TreeMembers`. */
  seen: ReadonlyMap<number, string>;
}

/**
 * Sorts the processes of the machine into `trees`: by their parent, their group or session, by having been seen
 * before, and, for one that lost its parent between two looks, by `carries`, which is asked once for each process.
 * A zombie belongs to the tree of its parent, which owes its collection.
 */
export class TreeMembers {
  readonly #carries: (pid: number, marker: string) => boolean;
  /** Processes that were asked and belong to no tree, by pid. */
  #strangers: ReadonlyMap<number, string> = new Map();

  constructor(carries: (pid: number, marker: string) => boolean) {
    this.#carries = carries;
  }

  sort<Row extends ProcessRow, Tree extends KnownTree>(
    rows: readonly Row[],
    trees: readonly Tree[],
  ): Map<Tree, Row[]> {
    const table = new Map(rows.map((row) => [row.pid, row]));
    const leaders = new Map<number, Tree>();
    for (const tree of trees) {
      const now = table.get(tree.leader.pid);
      // A group or session id is free for strangers once the pid is theirs.
      if (now === undefined || now.startTime === tree.leader.startTime) leaders.set(tree.leader.pid, tree);
    }
    const owners = new Map<number, Tree | undefined>();
    const strangers = new Map<number, string>();
    const members = new Map<Tree, Row[]>(trees.map((tree) => [tree, []]));

    const direct = (row: Row): Tree | undefined => {
      const byId = leaders.get(row.pid) ?? leaders.get(row.pgid) ?? leaders.get(row.sid);
      if (byId !== undefined && !startedBefore(row.startTime, byId.leader.startTime)) return byId;
      return row.zombie ? undefined : trees.find((tree) => tree.seen.get(row.pid) === row.startTime);
    };
    const asked = (row: Row): Tree | undefined => {
      if (row.zombie) return undefined;
      const candidates =
        this.#strangers.get(row.pid) === row.startTime
          ? []
          : trees.filter(({ leader }) => !startedBefore(row.startTime, leader.startTime));
      const found = candidates.find((tree) => this.#carries(row.pid, tree.marker));
      if (found === undefined) strangers.set(row.pid, row.startTime);
      return found;
    };
    const ownerOf = (row: Row): Tree | undefined => {
      // A chain of parents may be as long as the limit of processes: no recursion.
      const chain: Row[] = [];
      let owner: Tree | undefined;
      for (let at: Row | undefined = row; at !== undefined; at = table.get(at.ppid)) {
        if (owners.has(at.pid)) {
          owner = owners.get(at.pid);
          break;
        }
        owner = direct(at);
        chain.push(at);
        if (owner !== undefined) break;
      }
      for (const link of chain.toReversed()) {
        owner ??= asked(link);
        owners.set(link.pid, owner);
      }
      return owner;
    };
    for (const row of rows) {
      const owner = ownerOf(row);
      if (owner !== undefined) members.get(owner)?.push(row);
    }
    this.#strangers = strangers;
    for (const [tree, own] of members) tree.seen = new Map(own.map((row) => [row.pid, row.startTime]));
    return members;
  }
}
