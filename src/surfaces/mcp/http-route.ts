import type { IncomingMessage } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { type AuthInfo, createMcpHandler } from '@modelcontextprotocol/server';
import type { Actor } from '../../core/api/actor.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import { MOST_BODY_BYTES } from '../api/http-checks.ts';
import type { HttpRoute } from '../api/http-front.ts';
import { projectServer } from './project-server.ts';
import type { ClientDoor } from './project-tool.ts';

const PATH = '/mcp';
/** Names the project by its root, percent-encoded. */
const PROJECT_HEADER = 'codewalk-project';

export interface McpRouteOptions {
  readonly version: string;
  /** Throws `UsageError` for a project that is not served; `root` absent: the only one there is. */
  open(root: string | undefined, actor: Actor): Promise<ProjectApi>;
  onError(error: unknown): void;
}

/**
 * The tools of a project over streamable HTTP, for clients of the current protocol and, without sessions, of those
 * before it. Each request stands for itself: what the token allows is asked anew every time. The header
 * `Codewalk-Project` or `?project=` names the project.
 */
export function mcpRoute({ version, open, onError }: McpRouteOptions): HttpRoute<Actor> {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const door = authInfo?.extra?.['door'];
      // It is what `handle` put there.
      return projectServer(door as ClientDoor);
    },
    { legacy: 'stateless', onerror: onError, maxRequestBodySize: MOST_BODY_BYTES },
  );
  const answer = toNodeHandler(handler, { onerror: onError, maxRequestBodySize: MOST_BODY_BYTES });
  return {
    path: PATH,
    allows: (actor) => actor.kind !== 'agent',
    handle: async ({ request, response, actor }) => {
      if (actor.kind === 'agent') return;
      const root = projectOf(request);
      const door: ClientDoor = {
        version,
        role: actor.role,
        name: actor.name,
        project: async () => await open(root, actor),
      };
      const auth: AuthInfo = { token: '', clientId: actor.name, scopes: [actor.role], extra: { door } };
      const { method = 'POST', url = PATH } = request;
      await answer(Object.assign(request, { auth, method, url }), response);
    },
  };
}

function projectOf({ url = '/', headers }: IncomingMessage): string | undefined {
  const named = headers[PROJECT_HEADER];
  if (typeof named === 'string') return decoded(named);
  return new URL(url, 'http://localhost').searchParams.get('project') ?? undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
