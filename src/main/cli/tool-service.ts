import type { ToolService } from '../../surfaces/cli/context.ts';
import { deskOf } from '../../surfaces/door/door-client.ts';

interface Parts {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The tools of an agent's turn. */
export class LocalTools implements ToolService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async serve(signal: AbortSignal): Promise<void> {
    const { env, version } = this.#parts;
    const desk = deskOf(env);
    const [{ serveOnStdio }, { agentServer }] = await Promise.all([
      import('../../surfaces/mcp/serve-stdio.ts'),
      import('../../surfaces/mcp/agent-server.ts'),
    ]);
    await serveOnStdio(() => agentServer(desk, version), signal);
  }
}
