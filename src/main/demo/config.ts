import type { ConfigFile } from '../../core/config/schema.ts';

/** Agent CLIs that may play the demo's roles in place of the script. */
export type RealAgent = 'claude' | 'codex' | 'goose';

export interface ScriptedProvider {
  /** Program and arguments that start the scripted agent. */
  readonly command: string;
  readonly args: readonly string[];
  /** Directory, made when needed, in which it remembers its sessions. */
  readonly memory: string;
  /** Directory of its program, which it must be able to read in its sandbox. */
  readonly installation: string;
  /** What an average task seems to take, ms. */
  readonly thinkMs: number;
}

/** The demo's `.codewalk/config.json`: three roles on one provider, and the workflow that the roadmap names. */
export function demoConfig(agent: RealAgent | ScriptedProvider): ConfigFile {
  const provider = typeof agent === 'string' ? agent : 'scripted';
  return {
    project: 'textkit',
    ...(typeof agent === 'string'
      ? {}
      : {
          providers: {
            scripted: {
              type: 'command',
              command: agent.command,
              args: [...agent.args],
              env: { CW_DEMO_THINK_MS: String(agent.thinkMs), CW_DEMO_MEMORY: agent.memory },
            },
          },
          sandbox: { readable: [agent.installation], writable: [agent.memory] },
        }),
    agents: { coder: { provider }, reviewer: { provider }, tester: { provider } },
    workflows: {
      reviewed: {
        steps: [
          { agent: 'coder' },
          { agent: 'reviewer', onReject: 'coder', maxRounds: 3 },
          { agent: 'tester', onReject: 'coder', maxRounds: 3, verify: true },
        ],
      },
    },
    maxAgents: 4,
    merge: { strategy: 'merge', integrationBranch: 'cw/integration', target: 'main', deliver: 'manual' },
  };
}
