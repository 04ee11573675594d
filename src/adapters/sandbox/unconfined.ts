import type { Sandboxes } from '../../core/attempts/ports.ts';

/** No sandbox: everything runs as the user. */
export const unconfined: Sandboxes = {
  prepare: async ({ env }) => ({
    mode: 'off',
    confinement: undefined,
    env,
    async [Symbol.asyncDispose]() {},
  }),
  async discard() {},
};
