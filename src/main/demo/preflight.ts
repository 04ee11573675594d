import { loadConfig } from '../../adapters/config-files/load.ts';
import { findOnPath } from '../../adapters/process/find-on-path.ts';
import { UsageError } from '../../core/errors.ts';
import { agentEnv } from '../agent-env.ts';
import type { RealAgent } from './config.ts';

/**
 * Makes sure that the demo can run here, before anything is made. Throws `UsageError`: `DEMO_NEEDS_PROGRAM` (git, or
 * the node that runs the library's tests, is not on PATH), `DEMO_AGENT_MISSING`, or `DEMO_SHARED_DATABASE`.
 */
export async function checkDemoCanRun(options: {
  agent: RealAgent | undefined;
  env: NodeJS.ProcessEnv;
}): Promise<void> {
  const { agent, env } = options;
  for (const [program, purpose] of [
    ['git', 'keeps the work'],
    ['node', "runs the library's tests"],
  ] as const) {
    if (findOnPath(program, env) !== undefined) continue;
    throw new UsageError(
      'DEMO_NEEDS_PROGRAM',
      `${program} was not found on PATH; in the demo it ${purpose}.`,
      {
        advice: `Install ${program}, or add its directory to PATH.`,
      },
    );
  }
  const { config } = await loadConfig({ root: undefined });
  if (config.database !== undefined) {
    throw new UsageError(
      'DEMO_SHARED_DATABASE',
      'Your global config keeps all projects in one database, and the demo would go there too.',
      { advice: 'Take `database` out of ~/.codewalk/config.json for the time of the demo.' },
    );
  }
  if (agent === undefined) return;
  const provider = config.providers[agent];
  const command = provider?.command ?? agent;
  if (findOnPath(command, { ...agentEnv(env), ...provider?.env }) !== undefined) return;
  throw new UsageError('DEMO_AGENT_MISSING', `${command} was not found on PATH.`, {
    advice: `Install it and log in, or run "cw demo" without --agent: the scripted agent needs nothing.`,
  });
}
