import type { Operation } from '../api/roles.ts';
import type { ServerApi } from './ports.ts';

/** What can be asked of a server itself, projects aside, and who may. */
export const SERVER_OPERATIONS = {
  info: { path: 'info', kind: 'query', role: 'viewer' },
  // Whoever names a directory chooses what is run in it.
  addProject: { path: 'addProject', kind: 'mutation', role: 'admin' },
  removeProject: { path: 'removeProject', kind: 'mutation', role: 'admin' },
  stop: { path: 'stop', kind: 'mutation', role: 'admin' },
} as const satisfies Record<keyof ServerApi, Operation>;
