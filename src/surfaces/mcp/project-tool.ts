import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { PersonRole } from '../../core/api/actor.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import { mayCall, OPERATIONS } from '../../core/api/roles.ts';
import { type Answer, answering } from './tool-answer.ts';

/** How an outside client reaches the project. */
export interface ClientDoor {
  readonly version: string;
  readonly role: PersonRole;
  /** What the client is called; absent: as it calls itself. */
  readonly name: string | undefined;
  /** Of a connection that lasts as long as its client; absent: one that says nothing about it. */
  readonly session?: string;
  /** The project as the client of this name reaches it. */
  project(client: string): Promise<ProjectApi>;
}

interface ToolSpec<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whoever may not do this is not offered the tool. */
  readonly needs: keyof ProjectApi;
  readonly input: Input;
  readonly output: z.ZodObject;
}

const clientInfo = z.looseObject({ name: z.string() });
const MOST_NAME_CHARS = 40;

/** Offers one tool, if the role of the client allows what it does. */
export function offerTool<Input extends z.ZodObject>(
  server: McpServer,
  door: ClientDoor,
  spec: ToolSpec<Input>,
  run: (project: ProjectApi, input: z.output<Input>) => Promise<Answer>,
): void {
  const { name, title, description, needs, input, output } = spec;
  const operation = OPERATIONS[needs];
  if (!mayCall({ kind: 'client', name: 'any', role: door.role }, operation)) return;
  const readOnlyHint = operation.kind === 'query';
  const annotations = { readOnlyHint, destructiveHint: false, openWorldHint: false };
  // Widened for the overloads of the SDK, which cannot follow a schema that is a type parameter.
  const inputSchema: z.ZodObject = input;
  server.registerTool(
    name,
    { title, description, inputSchema, outputSchema: output, annotations },
    (given, context) =>
      answering(async () => {
        const project = await door.project(door.name ?? clientName(server, context));
        return await run(project, given as z.output<Input>);
      }),
  );
}

/** What a client calls itself, as an address: it stands in the log. */
function clientName(server: McpServer, { mcpReq }: ServerContext): string {
  // Since 2026-07-28 each request carries it; before, it came once.
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const told = clientInfo.safeParse(envelope[CLIENT_INFO_META_KEY]);
  const given = told.success ? told.data.name : server.server.getClientVersion()?.name;
  const name = (given ?? '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-._]+/, '')
    .slice(0, MOST_NAME_CHARS);
  return name === '' ? 'mcp' : name;
}
