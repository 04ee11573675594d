import type { Confinement, LaunchLimits, ProcessIdentity } from '../../core/agents/ports.ts';
import { watchDirectories } from './disk-watch.ts';
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

/** Watches what a tree takes of the machine, until the returned function is called. */
export function watchResources(use: ResourceUse): () => void {
  const { cwd, confinement, limits, onExceed } = use;
  const tree = limits.memoryBytes > 0 || limits.processes > 0 ? treeWatch.add(use) : undefined;
  const endDisk = watchDirectories({
    roots: [cwd, ...(confinement === undefined ? [] : [confinement.home, confinement.tmp])],
    diskBytes: limits.diskBytes,
    pids: async () => (await tree?.pids()) ?? [],
    onExceed: (measured) => onExceed('diskBytes', measured),
  });
  return () => {
    tree?.end();
    endDisk();
  };
}
