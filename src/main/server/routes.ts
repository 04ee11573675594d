import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { Actor } from '../../core/api/actor.ts';
import type { ServerApi } from '../../core/server/ports.ts';
import { answerJson, type HttpRoute } from '../../surfaces/api/http-front.ts';
import { serverRouter } from '../../surfaces/api/server-router.ts';

/** What a server serves, and to whom. Agents at work have a door of their own. */
export function serverRoutes({
  api,
  version,
}: {
  api: ServerApi;
  version: string;
}): readonly HttpRoute<Actor>[] {
  const allows = ({ kind }: Actor): boolean => kind !== 'agent';
  return [
    {
      path: '/health',
      allows,
      handle: ({ response }) => answerJson(response, 200, { status: 'ok', version }),
    },
    {
      path: '/server/',
      allows,
      handle: async ({ request, response, actor }) => {
        await nodeHTTPRequestHandler({
          router: serverRouter,
          req: request,
          res: response,
          path: new URL(request.url ?? '/', 'http://localhost').pathname.slice('/server/'.length),
          createContext: async () => ({ actor, server: api }),
        });
      },
    },
  ];
}
