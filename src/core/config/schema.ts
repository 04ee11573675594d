import * as z from 'zod';
import {
  AGENT_TOOLS,
  PERMISSION_POLICIES,
  type PermissionPolicy,
  SANDBOX_MODES,
  type SandboxMode,
} from '../agents/ports.ts';
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
  account: name
    .optional()
    .describe('Providers with the same account share its limits and its failures. Default: the name.'),
  fallback: z
    .array(name)
    .max(8)
    .optional()
    .describe('Providers that take over, in order, while this one is limited or keeps failing.'),
});

const agent = z.strictObject({
  provider: name.optional().describe('Default: the first provider found on PATH.'),
  model: z.string().min(1).optional().describe("Default: the provider's model, else the CLI's own."),
  systemPrompt: z
    .string()
    .max(100_000)
    .optional()
    .describe('What it is told about its role, before any task.'),
  tools: z.array(z.enum(AGENT_TOOLS)).optional().describe('What it may use; nothing else is there for it.'),
  verdict: z.boolean().optional().describe('May end its step with "rejected".'),
  sandbox: z.enum(SANDBOX_MODES).optional().describe('How far it is shut in. Default: sandbox.mode.'),
  network: z.boolean().optional().describe('May it use the network? Default: sandbox.network.'),
  permissions: z
    .enum(PERMISSION_POLICIES)
    .optional()
    .describe('Answer when its CLI asks for leave to use a tool: allow (default), deny, or ask a person.'),
});

const absoluteOrHome = z
  .string()
  .regex(/^(\/|~\/)/, 'must begin with / or ~/')
  .max(4_096);
const usd = z.number().min(0).max(1_000_000);
const bytes = (most: number) => z.int().min(0).max(most);
const TiB = 1_099_511_627_776;

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
  approve: z.boolean().optional().describe('After this step a person has to let the work go on.'),
});

const webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  secretEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .describe('Variable of the environment that holds the key of the signature (HMAC-SHA256).'),
  events: z
    .array(z.string().min(1).max(64))
    .max(50)
    .optional()
    .describe('Types of events; "task." is every type that begins so. Default: question, failure, finish.'),
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
  workflows: z
    .record(
      name,
      z.strictObject({
        steps: z
          .array(step)
          .min(1)
          .max(20)
          .describe('Who works on a task, one after the other, and to whom it goes back.'),
      }),
    )
    .optional(),
  defaults: z
    .strictObject({
      agent: name.optional().describe('Of tasks that name neither an agent nor a workflow.'),
      workflow: name
        .optional()
        .describe('Of tasks that name neither. Default: one step with the default agent.'),
    })
    .optional(),
  maxAgents: z.int().min(1).max(64).optional().describe('Agents at work at once in one run.'),
  verify: z.string().min(1).optional().describe('Default verify command of every task.'),
  merge: z
    .strictObject({
      strategy: z
        .enum(MERGE_STRATEGIES)
        .optional()
        .describe('How the work of a task comes into the integration branch.'),
      integrationBranch: branch.optional().describe('Where finished work is merged.'),
      target: branch
        .optional()
        .describe('Branch that `cw deliver` moves. Default: the branch checked out at first run.'),
      deliver: z
        .enum(['manual', 'auto', 'pull-request'])
        .optional()
        .describe(
          'auto: deliver at the end of every run that leaves nothing failed. pull-request: propose it instead.',
        ),
      remote: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
        .optional()
        .describe(
          'Git remote through which several hosts share the integration branch. Default: none, one host.',
        ),
      maxBounces: z
        .int()
        .min(0)
        .max(20)
        .optional()
        .describe('How often a conflict or a failed verify goes back before a person is asked.'),
      verifyTimeoutMs: ms.optional().describe('How long a verify command may take.'),
    })
    .optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(20).optional().describe('Attempts of a task before it fails.'),
      baseMs: ms.optional().describe('Delay before the second attempt; doubles each time, with jitter.'),
      maxMs: ms.optional().describe('The longest of these delays.'),
      perMinute: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe('Retries of the whole project in a minute; the rest wait their turn.'),
    })
    .optional(),
  breaker: z
    .strictObject({
      failures: z.int().min(1).max(1_000).optional().describe('Failures in a row that open it.'),
      pauseMs: ms.optional().describe('How long it stays open at first; doubles each time a trial fails.'),
      maxPauseMs: ms.optional().describe('The longest of these pauses.'),
    })
    .optional()
    .describe('Cuts a provider account off that keeps failing, and tries it again after a pause.'),
  budget: z
    .strictObject({
      taskUsd: usd.optional().describe('For each task that names no budget of its own.'),
      runUsd: usd.optional().describe('For one `cw run`.'),
      dayUsd: usd.optional().describe('For one day of the project, in local time.'),
    })
    .optional()
    .describe('Nothing more is started once it is spent.'),
  sandbox: z
    .strictObject({
      mode: z
        .enum(SANDBOX_MODES)
        .optional()
        .describe('Default: workspace where the system allows it, else off.'),
      network: z.boolean().optional().describe('May agents use the network?'),
      readable: z.array(absoluteOrHome).max(100).optional().describe('Also readable, besides the system.'),
      writable: z.array(absoluteOrHome).max(100).optional().describe('Also writable, besides the worktree.'),
      env: z
        .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
        .max(100)
        .optional()
        .describe('Variables of your environment that agents get besides the usual ones.'),
    })
    .optional(),
  worktrees: z
    .strictObject({
      setup: z
        .array(z.string().min(1).max(10_000))
        .max(20)
        .optional()
        .describe('Commands that make a new worktree ready, such as npm ci.'),
      setupTimeoutMs: ms.optional().describe('How long these commands may take, each.'),
      seeds: z
        .array(
          z.strictObject({
            lockfile: z.string().min(1).max(1_000).describe('File whose content says what belongs in it.'),
            paths: z
              .array(z.string().min(1).max(1_000))
              .min(1)
              .max(20)
              .describe('Ignored directories to keep.'),
          }),
        )
        .max(20)
        .optional()
        .describe('What setup made is kept by the hash of a lockfile and put into later worktrees.'),
      ports: z
        .strictObject({
          from: z.int().min(1_024).max(65_000).optional().describe('The first one that may be given.'),
          perTask: z
            .int()
            .min(1)
            .max(100)
            .optional()
            .describe('How many each task at work gets; the first is in CW_PORT_BASE.'),
        })
        .optional()
        .describe('Free ports for each task at work; the first is in CW_PORT_BASE.'),
      keepDays: z
        .number()
        .min(0)
        .max(3_650)
        .optional()
        .describe('`cw worktree prune` removes what is merged and older.'),
    })
    .optional(),
  limits: z
    .strictObject({
      firstOutputMs: ms.optional().describe('Until an agent says its first word. 0: no limit.'),
      silenceMs: ms
        .optional()
        .describe(
          'Between one word of an agent and the next. Not longer than questions.waitMs: longer by that, because who waits for an answer is silent. 0: no limit.',
        ),
      totalMs: ms.optional().describe('How long one agent process may take. 0: no limit.'),
      lineBytes: z
        .int()
        .min(1_024)
        .max(64 * 1_048_576)
        .optional()
        .describe('Where a line of an agent is cut.'),
      outputBytes: z
        .int()
        .min(65_536)
        .max(8 * 1_073_741_824)
        .optional()
        .describe('What one agent process may print.'),
      diskBytes: bytes(TiB)
        .optional()
        .describe('What it may write below its worktree and private directories. 0: no limit.'),
      memoryBytes: bytes(TiB).optional().describe('For an agent with all that it started. 0: no limit.'),
      processes: z
        .int()
        .min(0)
        .max(1_000_000)
        .optional()
        .describe('For an agent with all that it started. 0: no limit.'),
      graceMs: ms.optional().describe('Between asking an agent to stop and killing it.'),
    })
    .optional(),
  lease: z
    .strictObject({
      leaseMs: ms
        .min(1_000)
        .optional()
        .describe('How long after its last sign of life the work of an orchestrator is taken over.'),
      heartbeatMs: ms.min(100).optional().describe('How often it gives a sign of life.'),
      storeGraceMs: ms
        .min(1_000)
        .optional()
        .describe('How long a run waits for a database that does not answer before it ends.'),
    })
    .optional(),
  roadmap: z
    .strictObject({
      path: z.string().min(1).optional().describe('The roadmap file, from the root of the project.'),
      sync: z
        .enum(['watch', 'poll', 'off'])
        .optional()
        .describe('How a running orchestrator follows the file. off: it reads it once, at its start.'),
      debounceMs: ms.optional().describe('watch: how long after the last edit the file is read.'),
      stabilityMs: ms.optional().describe('watch: how long the file must stay as it is before it is read.'),
      pollMs: ms.min(100).optional().describe('poll: how often it looks.'),
      safetyMs: ms.min(100).optional().describe('How often it looks in any case.'),
      onRemoved: z
        .enum(['drain', 'cancel'])
        .optional()
        .describe('What becomes of a task at work that leaves the file: it may finish, or it is stopped.'),
    })
    .optional(),
  questions: z
    .strictObject({
      orchestrator: z
        .boolean()
        .optional()
        .describe('Let the orchestrator agent answer first; what it cannot settle goes to a person.'),
      answerMs: ms.min(1_000).optional().describe('How long the orchestrator agent may take for an answer.'),
      waitMs: ms
        .optional()
        .describe('How long an agent that asked keeps its slot. Then it ends, and goes on with the answer.'),
    })
    .optional(),
  review: z
    .strictObject({
      maxWaiting: z
        .int()
        .min(1)
        .max(1_000)
        .optional()
        .describe('No new task begins while so many wait for an approval. Default: no limit.'),
    })
    .optional(),
  notify: z
    .strictObject({
      desktop: z.boolean().optional().describe('A notice on the desktop for a question, a failure, the end.'),
      webhooks: z.array(webhook).max(20).optional().describe('Who is told over HTTP, and of what.'),
    })
    .optional(),
  server: z
    .strictObject({
      port: z
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe('Also listen on this port of 127.0.0.1; 0: a free one. Default: the socket alone.'),
    })
    .optional(),
  files: z
    .boolean()
    .optional()
    .describe('Keep the inbox and the plan as files in .codewalk/inbox and .codewalk/plan.'),
  planning: z
    .strictObject({
      replans: z
        .int()
        .min(0)
        .max(10)
        .optional()
        .describe(
          'How often the orchestrator agent may propose another way for a task that failed for good.',
        ),
      maxTasks: z.int().min(1).max(1_000).optional().describe('A proposed plan is no larger.'),
    })
    .optional(),
  github: z
    .strictObject({
      repository: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/)
        .optional()
        .describe('owner/name. Default: from the address of the remote.'),
      apiUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional()
        .describe('Default: https://api.github.com'),
      tokenEnv: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .optional()
        .describe('Variable of the environment that holds the token. Default: GITHUB_TOKEN'),
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
  readonly account?: string;
  readonly fallback?: readonly string[];
}

export interface AgentConfig {
  readonly provider?: string;
  readonly model?: string;
  readonly systemPrompt: string;
  readonly tools: readonly (typeof AGENT_TOOLS)[number][];
  readonly verdict: boolean;
  readonly sandbox?: SandboxMode;
  readonly network?: boolean;
  readonly permissions?: PermissionPolicy;
}

export interface WorkflowStep {
  readonly agent: string;
  readonly onReject?: string;
  readonly maxRounds: number;
  readonly verify: boolean;
  readonly approve?: boolean;
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
    readonly deliver: 'manual' | 'auto' | 'pull-request';
    readonly remote?: string;
    readonly maxBounces: number;
    readonly verifyTimeoutMs: number;
  };
  readonly retry: {
    readonly maxAttempts: number;
    readonly baseMs: number;
    readonly maxMs: number;
    readonly perMinute: number;
  };
  readonly breaker: { readonly failures: number; readonly pauseMs: number; readonly maxPauseMs: number };
  readonly budget: { readonly taskUsd?: number; readonly runUsd?: number; readonly dayUsd?: number };
  readonly sandbox: {
    /** Absent: `workspace` where the system allows it, else `off`. */
    readonly mode?: SandboxMode;
    readonly network: boolean;
    /** Absolute, or beginning with `~/`. */
    readonly readable: readonly string[];
    readonly writable: readonly string[];
    /** Names of variables. */
    readonly env: readonly string[];
  };
  readonly worktrees: {
    readonly setup: readonly string[];
    readonly setupTimeoutMs: number;
    readonly seeds: readonly { readonly lockfile: string; readonly paths: readonly string[] }[];
    readonly ports: { readonly from: number; readonly perTask: number };
    readonly keepDays: number;
  };
  readonly limits: {
    readonly firstOutputMs: number;
    readonly silenceMs: number;
    readonly totalMs: number;
    readonly lineBytes: number;
    readonly outputBytes: number;
    readonly diskBytes: number;
    readonly memoryBytes: number;
    readonly processes: number;
    readonly graceMs: number;
  };
  readonly lease: {
    readonly leaseMs: number;
    readonly heartbeatMs: number;
    readonly storeGraceMs: number;
  };
  readonly roadmap: {
    readonly path: string;
    readonly sync: 'watch' | 'poll' | 'off';
    readonly debounceMs: number;
    readonly stabilityMs: number;
    readonly pollMs: number;
    readonly safetyMs: number;
    readonly onRemoved: 'drain' | 'cancel';
  };
  readonly questions: { readonly orchestrator: boolean; readonly answerMs: number; readonly waitMs: number };
  readonly review: { readonly maxWaiting?: number };
  readonly notify: {
    readonly desktop: boolean;
    readonly webhooks: readonly {
      readonly url: string;
      readonly secretEnv: string;
      readonly events?: readonly string[];
    }[];
  };
  readonly server: { readonly port?: number };
  readonly files: boolean;
  readonly planning: { readonly replans: number; readonly maxTasks: number };
  readonly github: { readonly repository?: string; readonly apiUrl: string; readonly tokenEnv: string };
}

export type ConfigScope = 'built-in' | 'global' | 'project';
