import type { Provisioner } from '../../core/attempts/ports.ts';

/** Worktrees as git makes them. */
export const bare: Provisioner = {
  prepare: async () => ({ env: {}, seeded: [], setupMs: 0, async [Symbol.asyncDispose]() {} }),
};
