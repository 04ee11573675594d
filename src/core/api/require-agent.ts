import { UsageError } from '../errors.ts';
import type { FieldValue } from '../roadmap/edits.ts';
import { quoted } from '../source/problem.ts';
import type { ProjectParts } from './parts.ts';

/** Throws `UsageError` `UNKNOWN_AGENT` when one is named and the config has no agent of that name. */
export async function requireAgent(parts: ProjectParts, agent: FieldValue | null | undefined): Promise<void> {
  if (typeof agent !== 'string') return;
  const { agents } = await parts.config();
  if (Object.hasOwn(agents, agent)) return;
  throw new UsageError('UNKNOWN_AGENT', `there is no agent ${quoted(agent)}`, {
    advice: `the config has ${Object.keys(agents).join(', ')}`,
  });
}

/** Throws `UsageError` `UNKNOWN_WORKFLOW` when one is named and the config has no workflow of that name. */
export async function requireWorkflow(
  parts: ProjectParts,
  workflow: FieldValue | null | undefined,
): Promise<void> {
  if (typeof workflow !== 'string') return;
  const { workflows } = await parts.config();
  if (Object.hasOwn(workflows, workflow)) return;
  throw new UsageError('UNKNOWN_WORKFLOW', `there is no workflow ${quoted(workflow)}`, {
    advice: `the config has ${Object.keys(workflows).join(', ')}`,
  });
}
