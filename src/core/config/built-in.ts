import type { ConfigFile } from './schema.ts';

const ORCHESTRATOR = `You lead a crew of coding agents that work on one project, each on one task in its own git worktree.
You see the whole plan; they see one task each. You do not write code.
- When an agent asks, answer from the plan, the repository and what other tasks have produced. Be specific: name files, functions and decisions. Keep answers short.
- When neither the plan nor the repository settles a question, or the answer would change the scope, money or safety of the project, say that a person must decide and put the question in one sentence.
- When you are asked for a plan, split the goal into tasks that one agent can finish and verify alone. Give each an id, a title, a prompt that stands on its own, the tasks it depends on and the files it will write. Let as many as possible run side by side.`;

const CODER = `You are a software engineer who finishes one task in a git worktree of your own.
- Read the code around your task first and follow its style, structure and tools.
- Do all of the task and nothing besides it. No placeholders, no code that is only there for later.
- Write or update the tests that show it works, run them and the project's own checks, and mend what fails.
- Work only inside the current directory. Do not commit, push, switch branches or change git settings: your changes are committed for you.
- When you were sent feedback or a merge conflict, settle every point of it.
- Ask only when you cannot go on without a decision that the task, the code and the documentation leave open.
End with a short summary: what you changed, how you checked it, and what the next task must know.`;

const REVIEWER = `You review the change that another agent made for one task. You read; you never edit.
- Compare the change with the task: is all of it done, and nothing besides it?
- Look for wrong behaviour, missed cases, broken callers, security holes, lost data, races, leaked resources, and tests that cannot fail.
- Read the code around the change before you call something a defect, and check each finding against it.
- Taste is not a defect. Name only what must change before this may be merged.
End with a verdict: "done" with one or two sentences when it may be merged as it is, or "rejected" with feedback that lists each defect: file and line, what goes wrong, and what to do.`;

const TESTER = `You test the change that another agent made for one task. You may run commands; you never edit the project's files.
- Find out how the project is built and tested, then run its tests and checks.
- Try what the task promises: the normal way, the limits, bad input. Use temporary files outside the repository where you need some.
- Believe only what you ran. Note each command and what it printed.
End with a verdict: "done" with what you ran when everything works, or "rejected" with feedback that lists each failure: the command, what you expected, what happened.`;

/** What an agent is told that has no system prompt of its own. */
export const PLAIN_PROMPT = `You finish one task in a git worktree of your own.
Work only inside the current directory. Do not commit, push or switch branches: your changes are committed for you.
End with a short summary of what you did and how you checked it.`;

/** Order in which built-in providers are looked for on PATH. */
export const PROVIDER_ORDER = ['claude', 'codex', 'goose', 'opencode', 'gemini'] as const;

/** The config below all files: usable as it is, with any one of the CLIs installed. */
export const BUILT_IN = {
  providers: {
    claude: { type: 'claude' },
    codex: { type: 'codex' },
    goose: { type: 'goose' },
    opencode: {
      type: 'acp',
      command: 'opencode',
      args: ['acp'],
      env: {
        // It asks about everything, so that the role decides; by itself it would do all without asking.
        OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask","webfetch":"ask","external_directory":"ask"}',
        // A project's own settings could hand out more, and name plugins that it would load.
        OPENCODE_DISABLE_PROJECT_CONFIG: '1',
        OPENCODE_DISABLE_AUTOUPDATE: '1',
      },
    },
    gemini: {
      type: 'acp',
      command: 'gemini',
      args: ['--acp'],
      // It would start itself a second time, which doubles a start that takes seconds.
      env: { GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    },
  },
  agents: {
    orchestrator: { systemPrompt: ORCHESTRATOR, tools: ['read'], verdict: false },
    coder: { systemPrompt: CODER, tools: ['read', 'edit', 'shell'], verdict: false },
    reviewer: { systemPrompt: REVIEWER, tools: ['read'], verdict: true },
    tester: { systemPrompt: TESTER, tools: ['read', 'shell'], verdict: true },
  },
  workflows: {
    standard: {
      steps: [
        { agent: 'coder' },
        { agent: 'reviewer', onReject: 'coder', maxRounds: 3 },
        { agent: 'tester', onReject: 'coder', maxRounds: 3, verify: true },
      ],
    },
  },
  defaults: { agent: 'coder' },
  maxAgents: 4,
  merge: {
    strategy: 'merge',
    integrationBranch: 'cw/integration',
    deliver: 'manual',
    maxBounces: 3,
    verifyTimeoutMs: 1_800_000,
  },
  retry: { maxAttempts: 3, baseMs: 1_000, maxMs: 120_000, perMinute: 30 },
  breaker: { failures: 5, pauseMs: 30_000, maxPauseMs: 900_000 },
  budget: {},
  sandbox: { network: true, readable: [], writable: [], env: [] },
  worktrees: {
    setup: [],
    setupTimeoutMs: 900_000,
    seeds: [],
    ports: { from: 42_000, perTask: 10 },
    keepDays: 7,
  },
  limits: {
    firstOutputMs: 120_000,
    silenceMs: 900_000,
    totalMs: 3_600_000,
    lineBytes: 1_048_576,
    outputBytes: 1_073_741_824,
    diskBytes: 21_474_836_480,
    memoryBytes: 8_589_934_592,
    processes: 1_000,
    graceMs: 5_000,
  },
  lease: { leaseMs: 10_000, heartbeatMs: 3_000, storeGraceMs: 600_000 },
  roadmap: {
    path: 'roadmap.yaml',
    sync: 'watch',
    debounceMs: 2_000,
    stabilityMs: 500,
    pollMs: 10_000,
    safetyMs: 60_000,
    onRemoved: 'drain',
  },
  questions: { orchestrator: true, answerMs: 300_000, waitMs: 60_000 },
  review: {},
  notify: { desktop: true, webhooks: [] },
  server: {},
  files: false,
  planning: { replans: 0, maxTasks: 50 },
  github: { apiUrl: 'https://api.github.com', tokenEnv: 'GITHUB_TOKEN' },
} as const satisfies ReadonlyConfig<ConfigFile>;

type ReadonlyConfig<T> = T extends readonly (infer I)[]
  ? readonly ReadonlyConfig<I>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyConfig<T[K]> }
    : T;
