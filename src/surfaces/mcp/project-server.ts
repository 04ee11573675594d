import { McpServer } from '@modelcontextprotocol/server';
import { changingTools } from './project-changing.ts';
import { planTools } from './project-planning.ts';
import { readingTools } from './project-reading.ts';
import type { ClientDoor } from './project-tool.ts';
import { workingTools } from './project-working.ts';

const INSTRUCTIONS =
  'Codewalk turns a roadmap of tasks into merged commits with a crew of coding agents. plan_next says what is next, ' +
  'roadmap_status where everything stands and what waits for a person. What you add or edit goes into the roadmap ' +
  'file, and running agents take it up. claim_task gives you one to do yourself.';

/** The tools of a project for a client from outside, as far as its role allows them. */
export function projectServer(door: ClientDoor): McpServer {
  const server = new McpServer(
    { name: 'codewalk', title: 'Codewalk', version: door.version },
    { instructions: INSTRUCTIONS },
  );
  planTools(server, door);
  readingTools(server, door);
  changingTools(server, door);
  workingTools(server, door);
  return server;
}
