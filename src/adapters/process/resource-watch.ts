import type { Confinement, LaunchLimits, ProcessIdentity } from '../../core/agents/ports.ts';
import { DiskWatch } from './disk-watch.ts';
import { treeWatch } from './tree-watch.ts';

export type ResourceLimit = 'diskBytes' | 'memoryBytes' | 'processes';

export interface ResourceUse {
  readonly leader: ProcessIdentity;
  /** In the environment of everything that the leader starts. */
  readonly marker: string;
  readonly cwd: string;
  readonly confinement?: Pick<Confinement, 'home' | 'tmp'>;
  readonly limits: Pick<LaunchLimits, ResourceLimit>;
  readonly onExceed: (limit: ResourceLimit, measured: number) => void;
}

export interface ResourceWatch {
  /** A last look at what the tree has left, for one that ended by itself. */
  last(end: { failed: boolean }): Promise<void>;
  end(): void;
}

/** Watches what a tree takes of the machine from now on. */
export function watchResources(use: ResourceUse): ResourceWatch {
  const { cwd, confinement, limits, onExceed } = use;
  const tree = limits.memoryBytes > 0 || limits.processes > 0 ? treeWatch.add(use) : undefined;
  const disk =
    limits.diskBytes === 0
      ? undefined
      : new DiskWatch({
          roots: [cwd, ...(confinement === undefined ? [] : [confinement.home, confinement.tmp])],
          diskBytes: limits.diskBytes,
          pids: async () => (await tree?.pids()) ?? [],
          onExceed: (measured) => onExceed('diskBytes', measured),
        });
  return {
    last: async (end) => await disk?.last(end),
    end: () => {
      tree?.end();
      disk?.end();
    },
  };
}
