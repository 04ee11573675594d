import type { IncomingMessage } from 'node:http';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { Actor } from '../../core/api/actor.ts';
import type { HostedProject, ProjectHost } from '../../core/api/ports.ts';
import { mayCall, OPERATIONS } from '../../core/api/roles.ts';
import { errorFacts } from '../../core/error-facts.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { EventStreams } from './event-stream.ts';
import { MOST_BODY_BYTES } from './http-checks.ts';
import { answerJson, type HttpRoute } from './http-front.ts';
import { PROJECT_HEADER } from './project-header.ts';
import { apiRouter } from './router.ts';

export interface ApiParts {
  readonly host: ProjectHost;
  readonly streams: EventStreams;
  /** Something that nobody foresaw; the client hears only that it happened. */
  onError(error: unknown): void;
}

const TRPC_PATH = '/trpc/';
/** Nobody has that many questions at once. */
const MOST_BATCHED = 50;

/**
 * What is served of projects: the router, and the stream of events. The header `Codewalk-Project` or `?project=` names
 * the project by its root, percent-encoded; with a single project it may be left out.
 */
export function apiRoutes({ host, streams, onError }: ApiParts): readonly HttpRoute<Actor>[] {
  return [
    {
      path: TRPC_PATH,
      allows: (actor) => actor.kind !== 'agent',
      handle: async ({ request, response, actor }) => {
        let opened: Promise<HostedProject> | undefined;
        await nodeHTTPRequestHandler({
          router: apiRouter,
          req: request,
          res: response,
          path: pathOf(request).slice(TRPC_PATH.length),
          createContext: async () => ({
            actor,
            open: async () => {
              opened ??= host.open(projectOf(request), actor);
              return (await opened).as(actor);
            },
          }),
          // Questions may be longer than an address can be.
          allowMethodOverride: true,
          maxBatchSize: MOST_BATCHED,
          maxBodySize: MOST_BODY_BYTES,
          onError: ({ error }) => {
            if (error.code === 'INTERNAL_SERVER_ERROR') onError(error.cause ?? error);
          },
        });
      },
    },
    {
      path: '/events',
      allows: (actor) => mayCall(actor, OPERATIONS.follow),
      handle: async ({ request, response, actor }) => {
        try {
          const project = await host.open(projectOf(request), actor);
          await streams.serve(await project.bus(), request, response);
        } catch (error) {
          if (!(error instanceof CodewalkError) || response.headersSent) throw error;
          answerJson(response, 404, { error: errorFacts(error) });
        }
      },
    },
  ];
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function projectOf({ url = '/', headers }: IncomingMessage): string | undefined {
  const named = headers[PROJECT_HEADER];
  if (typeof named === 'string') return decoded(named);
  const at = url.indexOf('?');
  return (at === -1 ? undefined : new URLSearchParams(url.slice(at)).get('project')) ?? undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
