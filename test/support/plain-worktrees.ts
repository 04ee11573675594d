import type { Provisioner, Sandboxes } from '../../src/core/attempts/ports.ts';
import type { AgentDoors } from '../../src/core/door/ports.ts';

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

/** Agents reach nobody while they work. */
export const noDoors: AgentDoors = {
  open: async () => ({ env: {}, mcp: [], readable: [], mounts: [], [Symbol.asyncDispose]: async () => {} }),
};

/** Every worktree is ready as git makes it. */
export const bareProvisioner: Provisioner = {
  prepare: async () => ({ env: {}, seeded: [], setupMs: 0, [Symbol.asyncDispose]: async () => {} }),
};
