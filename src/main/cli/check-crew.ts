import { findOnPath } from '../../adapters/process/find-on-path.ts';
import { workflowOf } from '../../core/attempts/workflow-of.ts';
import { selectProvider } from '../../core/config/provider.ts';
import type { Config } from '../../core/config/schema.ts';
import type { TaskDefinition } from '../../core/roadmap/model.ts';
import { agentEnv } from '../agent-env.ts';

/**
 * Makes sure that every role of these tasks can be played on this machine, before any of them is started and fails.
 * Throws `UsageError`: `NO_PROVIDER`, `PROVIDER_MISSING` or `UNKNOWN_AGENT`.
 */
export function checkCrew(options: {
  config: Config;
  tasks: readonly TaskDefinition[];
  root: string;
  env: NodeJS.ProcessEnv;
}): void {
  const { config, root } = options;
  const env = agentEnv(options.env);
  const available = Object.entries(config.providers)
    .filter(([, provider]) => findOnPath(provider.command, { ...env, ...provider.env }, root) !== undefined)
    .map(([name]) => name);
  for (const role of new Set(
    options.tasks.flatMap((task) => workflowOf(task, config).steps.map((step) => step.agent)),
  )) {
    selectProvider(config, role, available);
  }
}
