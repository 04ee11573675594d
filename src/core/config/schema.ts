import * as z from 'zod';
import { AGENT_TOOLS } from '../agents/ports.ts';
import { MERGE_STRATEGIES } from '../events/event.ts';
import { PROVIDER_TYPES } from './provider-types.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const ms = z
  .int()
  .min(0)
  .max(7 * 24 * 3_600_000);
const branch = z.string().min(1).max(200);

const provider = z.strictObject({
  type: z
    .enum(PROVIDER_TYPES)
    .optional()
    .describe('Kind of CLI. May be left out where a lower file, or the built-in config, says it.'),
  command: z.string().min(1).optional().describe('Program to start; looked up on PATH. Default: the type.'),
  args: z.array(z.string()).optional().describe('Arguments before those that Codewalk adds.'),
  env: z.record(z.string(), z.string()).optional().describe('Environment of this provider only.'),
  model: z.string().min(1).optional().describe('Model when the agent names none.'),
});

const agent = z.strictObject({
  provider: name.optional().describe('Default: the first provider found on PATH.'),
  model: z.string().min(1).optional(),
  systemPrompt: z.string().max(100_000).optional(),
  tools: z.array(z.enum(AGENT_TOOLS)).optional(),
  verdict: z.boolean().optional().describe('May end its step with "rejected".'),
});

const step = z.strictObject({
  agent: name,
  onReject: name.optional().describe('Agent of an earlier step that gets the feedback.'),
  maxRounds: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe('How often this step may reject before the attempt fails.'),
  verify: z.boolean().optional().describe("Run the task's verify command first; a failure rejects."),
});

/** One config file: every key may be left out. Unknown keys are errors. */
export const configFile = z.strictObject({
  $schema: z.string().optional(),
  project: name.optional().describe('Name of the project. Default: the roadmap, else the directory.'),
  database: z
    .string()
    .optional()
    .describe('postgres://… for many hosts. Default: SQLite in .codewalk/state.'),
  providers: z.record(name, provider).optional(),
  agents: z.record(name, agent).optional(),
  workflows: z.record(name, z.strictObject({ steps: z.array(step).min(1).max(20) })).optional(),
  defaults: z.strictObject({ agent: name.optional(), workflow: name.optional() }).optional(),
  maxAgents: z.int().min(1).max(64).optional(),
  verify: z.string().min(1).optional().describe('Default verify command of every task.'),
  merge: z
    .strictObject({
      strategy: z.enum(MERGE_STRATEGIES).optional(),
      integrationBranch: branch.optional(),
      target: branch
        .optional()
        .describe('Branch that `cw deliver` moves. Default: the branch checked out at first run.'),
      deliver: z
        .enum(['manual', 'auto'])
        .optional()
        .describe('auto: deliver at the end of every run that leaves nothing failed.'),
      maxBounces: z.int().min(0).max(20).optional(),
      verifyTimeoutMs: ms.optional(),
    })
    .optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(20).optional(),
      baseMs: ms.optional(),
      maxMs: ms.optional(),
    })
    .optional(),
  limits: z
    .strictObject({
      firstOutputMs: ms.optional(),
      silenceMs: ms.optional(),
      totalMs: ms.optional(),
      lineBytes: z
        .int()
        .min(1_024)
        .max(64 * 1_048_576)
        .optional(),
      outputBytes: z
        .int()
        .min(65_536)
        .max(8 * 1_073_741_824)
        .optional(),
      graceMs: ms.optional(),
    })
    .optional(),
  lease: z
    .strictObject({ leaseMs: ms.min(1_000).optional(), heartbeatMs: ms.min(100).optional() })
    .optional(),
  roadmap: z
    .strictObject({
      path: z.string().min(1).optional(),
      sync: z
        .enum(['watch', 'poll', 'off'])
        .optional()
        .describe(
          'How a running orchestrator follows the file. In this version a run reads it once, at its start.',
        ),
      debounceMs: ms.optional(),
      pollMs: ms.optional(),
      safetyMs: ms.optional(),
    })
    .optional(),
});

export type ConfigFile = z.infer<typeof configFile>;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

export interface ProviderConfig {
  readonly type: ProviderType;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly model?: string;
}

export interface AgentConfig {
  readonly provider?: string;
  readonly model?: string;
  readonly systemPrompt: string;
  readonly tools: readonly (typeof AGENT_TOOLS)[number][];
  readonly verdict: boolean;
}

export interface WorkflowStep {
  readonly agent: string;
  readonly onReject?: string;
  readonly maxRounds: number;
  readonly verify: boolean;
}

export interface Workflow {
  readonly steps: readonly WorkflowStep[];
}

/** The configuration in force: every default filled in, every name in it checked. */
export interface Config {
  readonly project?: string;
  readonly database?: string;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly agents: Readonly<Record<string, AgentConfig>>;
  readonly workflows: Readonly<Record<string, Workflow>>;
  /** A task without an agent or workflow uses these; without a workflow it runs one step with its agent. */
  readonly defaults: { readonly agent: string; readonly workflow?: string };
  readonly maxAgents: number;
  readonly verify?: string;
  readonly merge: {
    readonly strategy: (typeof MERGE_STRATEGIES)[number];
    readonly integrationBranch: string;
    readonly target?: string;
    readonly deliver: 'manual' | 'auto';
    readonly maxBounces: number;
    readonly verifyTimeoutMs: number;
  };
  readonly retry: { readonly maxAttempts: number; readonly baseMs: number; readonly maxMs: number };
  readonly limits: {
    readonly firstOutputMs: number;
    readonly silenceMs: number;
    readonly totalMs: number;
    readonly lineBytes: number;
    readonly outputBytes: number;
    readonly graceMs: number;
  };
  readonly lease: { readonly leaseMs: number; readonly heartbeatMs: number };
  readonly roadmap: {
    readonly path: string;
    readonly sync: 'watch' | 'poll' | 'off';
    readonly debounceMs: number;
    readonly pollMs: number;
    readonly safetyMs: number;
  };
}

export type ConfigScope = 'built-in' | 'global' | 'project';
