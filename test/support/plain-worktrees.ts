import type { Provisioner, Sandboxes } from '../../src/core/attempts/ports.ts';

/** Every agent runs as it is. */
export const noSandboxes: Sandboxes = {
  prepare: async ({ env }) => ({
    mode: 'off',
    confinement: undefined,
    env,
    [Symbol.asyncDispose]: async () => {},
  }),
  discard: async () => {},
};

/** Every worktree is ready as git makes it. */
export const bareProvisioner: Provisioner = {
  prepare: async () => ({ env: {}, seeded: [], setupMs: 0, [Symbol.asyncDispose]: async () => {} }),
};
