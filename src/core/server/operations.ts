import type { PersonRole } from '../api/actor.ts';
import type { ServerApi } from './ports.ts';

/** What can be asked of a server itself, by which procedure, and the least role that may. */
export const SERVER_OPERATIONS = {
  info: { path: 'server.info', kind: 'query', role: 'viewer' },
  // Whoever names a directory chooses what is run in it.
  addProject: { path: 'server.addProject', kind: 'mutation', role: 'admin' },
  removeProject: { path: 'server.removeProject', kind: 'mutation', role: 'admin' },
  stop: { path: 'server.stop', kind: 'mutation', role: 'admin' },
} as const satisfies Record<
  keyof ServerApi,
  { readonly path: string; readonly kind: 'query' | 'mutation'; readonly role: PersonRole }
>;
