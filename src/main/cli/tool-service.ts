import { systemIds } from '../../adapters/system/ids.ts';
import type { Actor } from '../../core/api/actor.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import type { ToolService } from '../../surfaces/cli/context.ts';
import { hasDoor } from '../../surfaces/door/door-names.ts';

interface Parts {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly project: (actor: Actor) => ProjectApi;
}

/** The tools of an agent's turn, or of the project for a client from outside. */
export class LocalTools implements ToolService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async serve({ role, name, signal }: Parameters<ToolService['serve']>[0]): Promise<void> {
    const { env, version, project } = this.#parts;
    const { serveOnStdio } = await import('../../surfaces/mcp/serve-stdio.ts');
    if (hasDoor(env)) {
      const { deskOf } = await import('../../surfaces/door/door-client.ts');
      const desk = deskOf(env);
      const { agentServer } = await import('../../surfaces/mcp/agent-server.ts');
      return await serveOnStdio(() => agentServer(desk, version), signal);
    }
    const { projectServer } = await import('../../surfaces/mcp/project-server.ts');
    const door = {
      version,
      role,
      name,
      session: systemIds.next('ses'),
      project: async (client: string) => project({ kind: 'client', name: client, role }),
    };
    await serveOnStdio(() => projectServer(door), signal);
  }
}
