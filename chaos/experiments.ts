import type { Experiment } from './experiment.ts';

/** Every experiment by name, in the order of the report; each is loaded only when it runs. */
export const EXPERIMENTS: Readonly<Record<string, () => Promise<Experiment>>> = {
  trees: async () => (await import('./trees.ts')).trees,
  zombies: async () => (await import('./zombies.ts')).zombies,
  output: async () => (await import('./output.ts')).output,
  neighbour: async () => (await import('./neighbour.ts')).neighbour,
  failures: async () => (await import('./failures.ts')).failures,
  recover: async () => (await import('./recover.ts')).recover,
  worktrees: async () => (await import('./worktrees.ts')).worktrees,
  'crash-points': async () => (await import('./crash-points.ts')).crashPoints,
  kills: async () => (await import('./kills.ts')).kills,
  'kills-postgres': async () => (await import('./kills.ts')).killsOnPostgres,
  'kills-outages': async () => (await import('./kills.ts')).killsWithOutages,
  syscalls: async () => (await import('./syscalls.ts')).syscalls,
  orchestrators: async () => (await import('./orchestrators.ts')).orchestrators,
  merges: async () => (await import('./merges.ts')).merges,
  partitions: async () => (await import('./partitions.ts')).partitions,
  storage: async () => (await import('./storage.ts')).storage,
  saves: async () => (await import('./saves.ts')).saves,
  files: async () => (await import('./files.ts')).files,
  hostile: async () => (await import('./hostile.ts')).hostile,
  roadmaps: async () => (await import('./roadmaps.ts')).roadmaps,
  faces: async () => (await import('./faces.ts')).faces,
  'two-writers': async () => (await import('./two-writers.ts')).twoWriters,
};
