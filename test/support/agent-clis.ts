import type { AgentClis } from '../../scripts/agent-clis.ts';
import { installAgentClis } from '../../scripts/agent-clis.ts';

let installed: Promise<AgentClis> | undefined;

/**
 * Absolute paths of the real agent CLIs in their pinned versions. The first use on a machine fetches them. Throws
 * rather than letting a test pass without them.
 */
export function agentClis(): Promise<AgentClis> {
  installed ??= installAgentClis();
  return installed;
}
