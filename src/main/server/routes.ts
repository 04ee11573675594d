import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { Actor } from '../../core/api/actor.ts';
import type { ProjectHost } from '../../core/api/ports.ts';
import type { ServerApi } from '../../core/server/ports.ts';
import { apiRoutes } from '../../surfaces/api/api-routes.ts';
import type { EventStreams } from '../../surfaces/api/event-stream.ts';
import { answerJson, type HttpRoute } from '../../surfaces/api/http-front.ts';
import { serverRouter } from '../../surfaces/api/server-router.ts';

const SERVER_PATH = '/server/';

export interface RouteParts {
  readonly server: ServerApi;
  readonly host: ProjectHost;
  readonly streams: EventStreams;
  readonly version: string;
  onError(error: unknown): void;
}

/** What a server serves, and to whom. Agents at work have a door of their own. */
export function serverRoutes(parts: RouteParts): readonly HttpRoute<Actor>[] {
  const { server, version, onError } = parts;
  const allows = ({ kind }: Actor): boolean => kind !== 'agent';
  return [
    {
      path: '/health',
      allows,
      handle: ({ response }) => answerJson(response, 200, { status: 'ok', version }),
    },
    {
      path: SERVER_PATH,
      allows,
      handle: async ({ request, response, actor }) => {
        await nodeHTTPRequestHandler({
          router: serverRouter,
          req: request,
          res: response,
          path: (request.url ?? '').split('?', 1)[0]?.slice(SERVER_PATH.length) ?? '',
          createContext: async () => ({ actor, server }),
          allowMethodOverride: true,
          onError: ({ error }) => {
            if (error.code === 'INTERNAL_SERVER_ERROR') onError(error.cause ?? error);
          },
        });
      },
    },
    ...apiRoutes(parts),
    mcpRoute(parts, allows),
  ];
}

/** Loaded when the first client comes: most servers have none that speaks MCP over HTTP. */
function mcpRoute(
  { host, version, onError }: RouteParts,
  allows: HttpRoute<Actor>['allows'],
): HttpRoute<Actor> {
  let loaded: Promise<HttpRoute<Actor>> | undefined;
  return {
    path: '/mcp',
    allows,
    handle: async (call) => {
      loaded ??= import('../../surfaces/mcp/http-route.ts').then((mcp) =>
        mcp.mcpRoute({
          version,
          open: async (root, actor) => (await host.open(root, actor)).as(actor),
          onError,
        }),
      );
      await (await loaded).handle(call);
    },
  };
}
