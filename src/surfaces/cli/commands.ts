/**
 * Every command of `cw`, as data: it feeds the parser, the help texts, the completions and the docs. It imports
 * nothing, so that `cw --help` has next to nothing to load; what a command does is in `actions.ts`.
 */

/** What may be offered for an argument or the value of an option. */
export type Completion =
  | 'task'
  | 'agent'
  | 'provider'
  | 'workflow'
  /** An initiative, a phase or a plan of the roadmap. */
  | 'container'
  | 'orchestrator'
  /** A plan that was proposed. */
  | 'plan'
  /** Saved work. */
  | 'saved'
  /** A key of the config. */
  | 'setting'
  /** A state of tasks. */
  | 'state'
  /** A type of events. */
  | 'event'
  | 'file'
  | 'shell';

export interface ArgumentSpec {
  /** As commander writes it: `<id>`, `[file]`, `<id...>`. */
  readonly name: string;
  readonly help: string;
  /** What the shell may offer for it. */
  readonly completes?: Completion;
}

export interface OptionSpec {
  /** As commander writes it: `-n, --max-agents <n>`. */
  readonly flags: string;
  readonly help: string;
  /** How the value is checked: a whole number of at least 1, of at least 0, an amount of money, or one of a list. */
  readonly value?: 'positive' | 'whole' | 'amount' | readonly string[];
  readonly completes?: Completion;
}

export interface CommandSpec {
  /** Dotted: `task.list` is `cw task list`. */
  readonly id: string;
  readonly group: CommandGroup;
  readonly summary: string;
  /** More than the summary says, for `--help`. */
  readonly details?: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** What its parent does when no subcommand is given. */
  readonly isDefault?: boolean;
  /** Only from a shell: it stays, needs the terminal, starts agents in its process, or is meant for agents. */
  readonly fromShell?: true;
}

export interface Example {
  readonly run: string;
  readonly does: string;
}

export const COMMAND_GROUPS = [
  'Begin:',
  'Work:',
  'Look:',
  'Plan and settings:',
  'For agents at work:',
] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** Commands that only hold others, with what they are about. */
export const PARENTS: Readonly<Record<string, { readonly group: CommandGroup; readonly summary: string }>> = {
  task: { group: 'Work:', summary: 'Show, add, change, retry, pause and cancel tasks' },
  agent: { group: 'Work:', summary: 'Start, list, read and stop agents' },
  provider: { group: 'Work:', summary: 'See how provider accounts stand, and bring one back' },
  inbox: { group: 'Work:', summary: 'Read and answer what agents ask' },
  message: { group: 'Work:', summary: 'Write to agents, and read what was written' },
  notify: { group: 'Plan and settings:', summary: 'Try the notices to webhooks and the desktop' },
  server: { group: 'Work:', summary: 'See the server, and give others a token' },
  orchestrators: { group: 'Look:', summary: 'See and stop the orchestrators of this project' },
  recover: { group: 'Look:', summary: 'Find and bring back work that was saved' },
  worktree: { group: 'Look:', summary: 'See the worktrees and clear up old ones' },
  db: { group: 'Look:', summary: 'Check, back up and restore the state' },
  merge: { group: 'Look:', summary: 'See the merge queue and its history' },
  plan: { group: 'Plan and settings:', summary: 'Have an agent plan a goal; apply its plans' },
  roadmap: { group: 'Plan and settings:', summary: 'Check, compare and show the roadmap' },
  files: { group: 'Plan and settings:', summary: 'Work with the inbox and the plan as files' },
  config: { group: 'Plan and settings:', summary: 'Show and change settings' },
};

const JSON_OPTION: OptionSpec = { flags: '--json', help: 'print JSON for programs' };
const TASK_ARGUMENT: ArgumentSpec = { name: '<id>', help: 'id of a task', completes: 'task' };

const SAVED_ARGUMENT: ArgumentSpec = {
  name: '<id>',
  help: 'id of saved work, or its beginning',
  completes: 'saved',
};
const PLAN_ARGUMENT: ArgumentSpec = { name: '<plan>', help: 'id of a plan', completes: 'plan' };
const AGENT_OPTION: OptionSpec = {
  flags: '--agent <agent>',
  help: 'only this agent, such as coder',
  completes: 'agent',
};

const PRIORITY_OPTION: OptionSpec = {
  flags: '--priority <priority>',
  help: 'critical, high, medium, low or a number',
};
const VERIFY_OPTION: OptionSpec = {
  flags: '--verify <command>',
  help: 'command that must succeed before the work counts',
};
/** What a task of the roadmap may have beside its title and its prompt. */
const TASK_FIELD_OPTIONS: readonly OptionSpec[] = [
  { flags: '-d, --depends-on <id...>', help: 'tasks or phases that come first', completes: 'task' },
  { flags: '-f, --files <path...>', help: 'paths or globs that it will write', completes: 'file' },
  { flags: '-a, --agent <agent>', help: 'agent that does it', completes: 'agent' },
  { flags: '--workflow <workflow>', help: 'steps that its work goes through', completes: 'workflow' },
  PRIORITY_OPTION,
  VERIFY_OPTION,
  { flags: '--exit-criteria <text...>', help: 'what must be true when it is done' },
  { flags: '--approve', help: 'a person has to approve its work before the merge' },
  { flags: '--no-approve', help: 'nobody has to, whatever defaults: of the file says' },
  {
    flags: '--on-failure <mode>',
    help: 'what its failure means for what depends on it',
    value: ['hard', 'soft', 'skip'],
  },
  { flags: '--timeout <time>', help: 'limit of one attempt, such as 30m' },
  { flags: '--max-attempts <n>', help: 'attempts that may fail before it does', value: 'positive' },
  { flags: '--budget-usd <usd>', help: 'what it may cost', value: 'amount' },
  { flags: '--budget-turns <n>', help: 'turns that it may take', value: 'positive' },
  { flags: '--status <status>', help: 'such as pending, done or cancelled' },
  { flags: '--domain <domain>', help: 'area of the product' },
  { flags: '--notes <text>', help: 'for people; its agent is told them when there is no prompt' },
  {
    flags: '--set <key=value...>',
    help: 'any other key that a task may have: description, owner, cluster, estimate_hours, kpi, set_id',
  },
];
const EDIT_DRY_RUN: OptionSpec = { flags: '--dry-run', help: 'only show how the file would change' };

const LOCAL_OR_GLOBAL: OptionSpec = {
  flags: '--global',
  help: 'in ~/.codewalk/config.json instead of the project’s file',
};

export const COMMANDS: readonly CommandSpec[] = [
  // ── Begin ──
  {
    id: 'init',
    group: 'Begin:',
    summary: 'Write a starter roadmap and a config file',
    fromShell: true,
    details: 'Writes only files that are missing, so it is safe to run again.',
    options: [
      {
        flags: '--agent <provider>',
        help: 'agent CLI that the built-in agents use (claude, codex, goose, opencode, gemini)',
      },
      { flags: '-y, --yes', help: 'write the files without a question' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw init', does: 'write roadmap.yaml and .codewalk/config.json' },
      { run: 'cw init --agent codex', does: 'use Codex for the built-in agents' },
    ],
  },
  {
    id: 'demo',
    group: 'Begin:',
    summary: 'Watch a small roadmap run with a scripted agent',
    fromShell: true,
    details: 'Needs no account and no agent CLI, and touches nothing outside the new directory.',
    args: [{ name: '[directory]', help: 'where to make it; default: a new temporary directory' }],
    options: [
      {
        flags: '--agent <cli>',
        help: 'a real agent CLI in place of the script',
        value: ['claude', 'codex', 'goose'],
      },
      { flags: '--no-run', help: 'only make it, so that you can run it yourself' },
      { flags: '--json', help: 'one JSON event a line, and the result at the end' },
    ],
    examples: [
      { run: 'cw demo', does: 'make the demo in a temporary directory and run it' },
      { run: 'cw demo ./demo --no-run', does: 'make it in ./demo and stop there' },
    ],
  },
  {
    id: 'doctor',
    group: 'Begin:',
    summary: 'Check the set-up and say what to do',
    options: [JSON_OPTION],
    examples: [{ run: 'cw doctor', does: 'check Node, git, settings, the store and the agent CLIs' }],
  },
  {
    id: 'complete',
    group: 'Begin:',
    summary: 'Print completions for your shell',
    fromShell: true,
    args: [{ name: '<shell>', help: 'bash, zsh, fish or powershell', completes: 'shell' }],
    examples: [
      { run: 'source <(cw complete bash)', does: 'complete in this bash' },
      { run: 'cw complete fish > ~/.config/fish/completions/cw.fish', does: 'complete in every fish' },
    ],
  },

  // ── Work ──
  {
    id: 'run',
    group: 'Work:',
    summary: 'Work through the roadmap until nothing can run',
    fromShell: true,
    details:
      'Started twice, on this machine or on others with the same database, it shares the work.\n' +
      'Edits of the roadmap file take effect while it runs.\n' +
      'Exit codes: 0 all done, 1 some task failed or is blocked, 2 bad usage, config or roadmap,\n' +
      '3 only a person lets it go on (an answer, a login, a budget), 130 stopped by a signal with the state saved.\n' +
      'On a terminal it shows all of it as cw tui does; --plain and --verbose print lines.',
    options: [
      { flags: '-n, --max-agents <n>', help: 'agents at work at once', value: 'positive' },
      {
        flags: '--only <task...>',
        help: 'start only these tasks; what they need must be done',
        completes: 'task',
      },
      {
        flags: '--strategy <strategy>',
        help: 'how finished work is merged',
        value: ['merge', 'squash', 'rebase', 'fast-forward'],
      },
      {
        flags: '--budget-usd <usd>',
        help: 'start nothing more when this run has cost so much',
        value: 'amount',
      },
      { flags: '--watch', help: 'wait for new tasks when nothing can run, until Ctrl+C' },
      { flags: '--detach', help: 'let the server do it, and return: the same as cw serve' },
      { flags: '--no-restart', help: 'end after a crash instead of going on by itself' },
      { flags: '--plain', help: 'one line an event, also for screen readers' },
      { flags: '-v, --verbose', help: 'also show what the agents print' },
      { flags: '--json', help: 'one JSON event a line' },
    ],
    examples: [
      { run: 'cw run', does: 'do every open task of the roadmap' },
      { run: 'cw run -n 2 --only api-model api-routes', does: 'do two tasks, two agents at most' },
      { run: 'cw run --watch', does: 'also do what is added later' },
      { run: 'cw run --json > events.jsonl', does: 'keep the events for another program' },
    ],
  },
  {
    id: 'tui',
    group: 'Work:',
    summary: 'Show the project on the whole terminal, and act',
    fromShell: true,
    details:
      'Shows the agents with what they print, the plan, the inbox, the events and the merges, of whoever works\n' +
      'on the project. Leaving it stops nothing, but with --run. Press ? for the keys: docs/guides/tui.md.',
    options: [{ flags: '--run', help: 'also work through the roadmap, as cw run --watch does' }],
    examples: [
      { run: 'cw tui', does: 'look on, answer, approve, and give any command of cw' },
      { run: 'cw tui --run', does: 'the same, and do the work in this process' },
    ],
  },
  {
    id: 'serve',
    group: 'Work:',
    summary: 'Work in the background, for this project and others',
    fromShell: true,
    details:
      'Starts the server unless one is running, and gives it this project: it works on its tasks as\n' +
      'cw run --watch does, until cw stop. It starts again by itself after a crash.\n' +
      'Also: cw --server.',
    options: [
      { flags: '--foreground', help: 'be the server in this terminal, until Ctrl+C' },
      {
        flags: '--port <port>',
        help: 'also listen on this port of 127.0.0.1; 0: a free one',
        value: 'whole',
      },
      { flags: '--no-run', help: 'serve this project, but leave its tasks alone' },
      { flags: '--no-project', help: 'only start the server' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw serve', does: 'work on this project in the background' },
      { run: 'cw serve --port 0', does: 'also listen on a free port of this machine' },
      { run: 'cw serve --foreground', does: 'the same in this terminal, as services want it' },
    ],
  },
  {
    id: 'stop',
    group: 'Work:',
    summary: 'Stop the server, with the work of its agents saved',
    options: [
      { flags: '--project', help: 'only take this project out; the server goes on with others' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw stop', does: 'end the server and all that it started' },
      { run: 'cw stop --project', does: 'let it forget this project' },
    ],
  },
  {
    id: 'server.status',
    group: 'Work:',
    summary: 'Show the server and how its projects are',
    details: 'Exit codes: 0 when a server is running, 1 when there is none.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw server status', does: 'see whether a server runs, where, and with what' }],
    isDefault: true,
  },
  {
    id: 'server.projects',
    group: 'Work:',
    summary: 'List the projects that it looks after',
    options: [JSON_OPTION],
    examples: [{ run: 'cw server projects', does: 'see which ones work and which ones failed' }],
  },
  {
    id: 'server.restart',
    group: 'Work:',
    summary: 'Start it anew, after an update or a change of settings',
    options: [
      { flags: '--port <port>', help: 'listen on another port than before', value: 'whole' },
      JSON_OPTION,
    ],
    examples: [{ run: 'cw server restart', does: 'take up new settings; the work goes on where it was' }],
  },
  {
    id: 'server.log',
    group: 'Work:',
    summary: 'Print what the server wrote down',
    options: [
      { flags: '-n, --lines <n>', help: 'at most so many; default: 40', value: 'positive' },
      { flags: '-f, --follow', help: 'go on with what is added, until Ctrl+C' },
    ],
    examples: [{ run: 'cw server log -f', does: 'watch it' }],
  },
  {
    id: 'server.token',
    group: 'Work:',
    summary: 'Give others a token, list the tokens, take one back',
    details:
      'A viewer may look; an operator may also answer, retry, cancel and edit; an approver may also\n' +
      'approve and deliver; an admin may also add projects and stop the server.',
    args: [
      { name: '[action]', help: 'add, list or revoke; default: list' },
      { name: '[id]', help: 'which one to revoke' },
    ],
    options: [
      { flags: '--name <name>', help: 'who it is for' },
      {
        flags: '--role <role>',
        help: 'what it allows; default: viewer',
        value: ['viewer', 'operator', 'approver', 'admin'],
      },
      {
        flags: '--expires <time>',
        help: 'how long it is good for, such as 30d; default: until it is revoked',
      },
      { flags: '--project <path...>', help: 'only for these projects; default: all of the server' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw server token add --role viewer --name phone', does: 'print a new token, once' },
      {
        run: 'cw server token add --role operator --name ci --expires 30d --project .',
        does: 'one for this project, and for a month',
      },
      { run: 'cw server token list', does: 'see who has one, and when it was used last' },
      { run: 'cw server token revoke 3f9c01d2ab45', does: 'let nobody in with it any more' },
    ],
  },
  {
    id: 'task.list',
    group: 'Work:',
    summary: 'List the tasks with their states',
    options: [
      { flags: '--state <state...>', help: 'only tasks in these states (also: ready)', completes: 'state' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw task list', does: 'list every task in roadmap order' },
      { run: 'cw task list --state failed blocked', does: 'list what needs you' },
    ],
    isDefault: true,
  },
  {
    id: 'task.next',
    group: 'Work:',
    summary: 'Show which tasks are next, in the order they would start',
    options: [
      { flags: '-n, --limit <n>', help: 'at most so many; default: 5', value: 'positive' },
      { flags: '--state <state...>', help: 'tasks in these states; default: ready', completes: 'state' },
      { flags: '--initiative <id>', help: 'only tasks of this initiative', completes: 'container' },
      { flags: '--phase <id>', help: 'only tasks of this phase', completes: 'container' },
      { flags: '--plan <id>', help: 'only tasks of this plan', completes: 'container' },
      { flags: '--domain <domain>', help: 'only tasks of this domain' },
      { flags: '--agent <agent>', help: 'only tasks that this agent begins', completes: 'agent' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw task next', does: 'show the five tasks that would start next' },
      { run: 'cw task next -n 1 --phase 2 --json', does: 'the next one of a phase, for a program' },
    ],
  },
  {
    id: 'task.show',
    group: 'Work:',
    summary: 'Show one task: what it is, where it stands, its steps and cost',
    args: [TASK_ARGUMENT],
    options: [JSON_OPTION],
    examples: [{ run: 'cw task show api-model', does: 'show everything about one task' }],
  },
  {
    id: 'task.add',
    group: 'Work:',
    summary: 'Add a task to the roadmap file',
    details: 'Comments and order in the file stay as they are. A running orchestrator picks the task up.',
    args: [{ name: '<title>', help: 'what is to be done, in a few words' }],
    options: [
      { flags: '--id <id>', help: 'id of the task; default: made from the title' },
      { flags: '-p, --prompt <text>', help: 'what the agent is told; - reads it from standard input' },
      { flags: '--prompt-file <path>', help: 'read what the agent is told from a file', completes: 'file' },
      ...TASK_FIELD_OPTIONS,
      {
        flags: '--in <id>',
        help: 'phase, plan or initiative it stands in; default: none',
        completes: 'container',
      },
      EDIT_DRY_RUN,
      JSON_OPTION,
    ],
    examples: [
      {
        run: 'cw task add "Cart model" -p "Create src/cart.ts …" -f src/cart.ts',
        does: 'add one task',
      },
      { run: 'cw task add "Docs" --prompt-file docs.md -d cart-model', does: 'add one that waits for it' },
      {
        run: 'cw task add "Prices" --approve --set owner=ada',
        does: 'add one whose work you want to see first',
      },
    ],
  },
  {
    id: 'task.edit',
    group: 'Work:',
    summary: 'Change a task in the roadmap file',
    details:
      'Only what is named is changed; comments, order and quoting of the rest stay. A list replaces the one that is\n' +
      'there. cw roadmap undo takes it back.',
    args: [TASK_ARGUMENT],
    options: [
      { flags: '--title <title>', help: 'what is to be done, in a few words' },
      { flags: '-p, --prompt <text>', help: 'what the agent is told; - reads it from standard input' },
      { flags: '--prompt-file <path>', help: 'read what the agent is told from a file', completes: 'file' },
      { flags: '--editor', help: 'change what the agent is told in your editor (VISUAL, EDITOR)' },
      ...TASK_FIELD_OPTIONS,
      { flags: '--clear <key...>', help: 'take these keys out, such as files' },
      EDIT_DRY_RUN,
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw task edit api-model --priority high -d schema', does: 'change two things' },
      { run: 'cw task edit api-model --editor', does: 'write on what its agent is told' },
    ],
  },
  {
    id: 'task.remove',
    group: 'Work:',
    summary: 'Take a task out of the roadmap file',
    details: 'What becomes of one at work is set by roadmap.onRemoved. Comments above it stay.',
    args: [TASK_ARGUMENT],
    options: [
      { flags: '--unlink', help: 'also take it out of what depends on it' },
      EDIT_DRY_RUN,
      JSON_OPTION,
    ],
    examples: [{ run: 'cw task remove api-docs --dry-run', does: 'see what would go' }],
  },
  {
    id: 'task.rename',
    group: 'Work:',
    summary: 'Give a task another id',
    details: 'It keeps its state and history, and what depends on it follows: the file says was: <old id>.',
    args: [TASK_ARGUMENT, { name: '<new-id>', help: 'its id from now on' }],
    options: [EDIT_DRY_RUN, JSON_OPTION],
    examples: [{ run: 'cw task rename api-model cart-model', does: 'rename it everywhere in the file' }],
  },
  {
    id: 'task.retry',
    group: 'Work:',
    summary: 'Put a failed, cancelled or skipped task back in the queue',
    args: [{ name: '<id...>', help: 'ids of tasks', completes: 'task' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw task retry api-model', does: 'try it again with a fresh count of attempts' }],
  },
  {
    id: 'task.cancel',
    group: 'Work:',
    summary: 'Cancel tasks; running ones are stopped',
    details: 'What a stopped agent has written stays in its worktree and on its branch.',
    args: [{ name: '<id...>', help: 'ids of tasks', completes: 'task' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw task cancel api-docs', does: 'never start it, or stop it' }],
  },
  {
    id: 'task.pause',
    group: 'Work:',
    summary: 'Let tasks rest until they are resumed; running ones are stopped',
    details:
      'Nobody begins a paused task, also when all that it waits for is done. An agent at one is stopped: its\n' +
      'worktree and its conversation stay, and no try is counted. Answers to its questions are taken.',
    args: [{ name: '<id...>', help: 'ids of tasks', completes: 'task' }],
    options: [{ flags: '--reason <text>', help: 'why, for whoever looks' }, JSON_OPTION],
    examples: [
      { run: 'cw task pause api-docs', does: 'let it rest' },
      { run: 'cw task pause api-docs --reason "the wording comes tomorrow"', does: 'and say why' },
    ],
  },
  {
    id: 'task.resume',
    group: 'Work:',
    summary: 'Let paused tasks go on where they stood, in the same conversations',
    args: [{ name: '<id...>', help: 'ids of tasks', completes: 'task' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw task resume api-docs', does: 'let it go on' }],
  },
  {
    id: 'task.diff',
    group: 'Work:',
    summary: 'Show what a task has changed, before or after its merge',
    args: [TASK_ARGUMENT],
    details:
      'Into a pipe or a file goes the whole diff and nothing else, as git apply takes it.\n' +
      'A terminal also gets the numbers of each file, and a long diff is cut.',
    options: [
      { flags: '--stat', help: 'only the files and the numbers of lines' },
      { flags: '--file <path...>', help: 'only these files', completes: 'file' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw task diff api-model', does: 'read the changes' },
      { run: 'cw task diff api-model --stat', does: 'see how large they are' },
      { run: 'cw task diff api-model --file src/cart.ts', does: 'read the changes of one file' },
    ],
  },
  {
    id: 'task.approve',
    group: 'Work:',
    summary: 'Let the work of a task go on that waits for your approval',
    details:
      'Exactly the work that was asked about is approved: what changes afterwards is asked about again.\n' +
      'Work waits for it when its task or the step of its workflow has approve: true.',
    args: [TASK_ARGUMENT],
    options: [
      { flags: '--comment <text>', help: 'what you want to remember about it' },
      { flags: '--commit <commit>', help: 'only if this is the work that waits' },
      JSON_OPTION,
    ],
    examples: [{ run: 'cw task approve api-model', does: 'let it be merged' }],
  },
  {
    id: 'task.reject',
    group: 'Work:',
    summary: 'Send the work of a task back to the agent that made it',
    details: 'With it go your comments on the work. When it is done again, you are asked again.',
    args: [TASK_ARGUMENT, { name: '[text]', help: 'what must change; - reads it from standard input' }],
    options: [{ flags: '--commit <commit>', help: 'only if this is the work that waits' }, JSON_OPTION],
    examples: [{ run: 'cw task reject api-model "Use integers for money"', does: 'have it changed' }],
  },
  {
    id: 'task.comment',
    group: 'Work:',
    summary: 'Say something about the work of a task to its agent',
    details: 'The agent reads it once: when you send the work back, or at its next turn.',
    args: [TASK_ARGUMENT, { name: '<text>', help: 'what you say; - reads it from standard input' }],
    options: [
      { flags: '--file <path>', help: 'the file that it is about', completes: 'file' },
      { flags: '--line <n>', help: 'the line of that file', value: 'positive' },
      JSON_OPTION,
    ],
    examples: [
      {
        run: 'cw task comment api-model --file src/cart.ts --line 12 "Why not a map?"',
        does: 'comment on a line',
      },
    ],
  },
  {
    id: 'task.logs',
    group: 'Work:',
    summary: 'Show what a task’s agents printed',
    args: [TASK_ARGUMENT],
    options: [
      { flags: '--attempt <n>', help: 'this attempt; default: the latest', value: 'positive' },
      { flags: '--step <n>', help: 'this step; default: all of the attempt', value: 'positive' },
      { flags: '--raw', help: 'the agent CLI’s own lines, unchanged' },
      { flags: '-f, --follow', help: 'wait for more until the task is finished' },
    ],
    examples: [
      { run: 'cw task logs api-model -f', does: 'follow the agent at work' },
      { run: 'cw task logs api-model --attempt 1 --raw', does: 'read the first attempt, line by line' },
    ],
  },
  {
    id: 'agent.spawn',
    group: 'Work:',
    summary: 'Give one agent a job outside the roadmap, in its own worktree',
    fromShell: true,
    details:
      'The result is merged like that of any task. A running orchestrator takes the job, else this does.',
    args: [
      { name: '<agent>', help: 'agent of the config, such as coder', completes: 'agent' },
      { name: '<prompt>', help: 'what it is told; - reads it from standard input' },
    ],
    options: [
      { flags: '--id <id>', help: 'id of the task; default: made from the prompt' },
      { flags: '-f, --files <path...>', help: 'paths or globs that it will write', completes: 'file' },
      { flags: '--json', help: 'one JSON event a line' },
    ],
    examples: [
      { run: 'cw agent spawn coder "Fix the typo in README.md"', does: 'one job, merged when done' },
    ],
  },
  {
    id: 'agent.list',
    group: 'Work:',
    summary: 'List the agents with their status',
    details:
      'Without options: those of tasks that were begun and are not done.\n' +
      'working, waiting (for an answer), finished, failed, limited, stopped or crashed.',
    options: [{ flags: '-a, --all', help: 'also those of finished tasks, the newest first' }, JSON_OPTION],
    examples: [
      { run: 'cw agent list', does: 'show status, step, process and session of each agent' },
      { run: 'cw agent list --all', does: 'also those that are done' },
    ],
    isDefault: true,
  },
  {
    id: 'agent.show',
    group: 'Work:',
    summary: 'Show a task’s agents: model, session, process, usage, last words',
    args: [TASK_ARGUMENT],
    options: [AGENT_OPTION, JSON_OPTION],
    examples: [
      { run: 'cw agent show api-model', does: 'also how to go on with its CLI by hand' },
      { run: 'cw agent show api-model --agent reviewer', does: 'only one of them' },
    ],
  },
  {
    id: 'agent.history',
    group: 'Work:',
    summary: 'Read the whole conversation with a task’s agents',
    details: 'Prompts, texts, tools and outcomes in order, across attempts, steps and restarts.',
    args: [TASK_ARGUMENT],
    options: [
      AGENT_OPTION,
      { flags: '--step <n>', help: 'only this step', value: 'positive' },
      { flags: '--full', help: 'long prompts and texts whole' },
      { flags: '-f, --follow', help: 'wait for more until the task is finished' },
      { flags: '--json', help: 'one JSON entry a line' },
    ],
    examples: [
      { run: 'cw agent history api-model', does: 'read what was said and done' },
      { run: 'cw agent history api-model -f --agent coder', does: 'follow one agent at work' },
    ],
  },
  {
    id: 'agent.stop',
    group: 'Work:',
    summary: 'Stop the agent of a running task and cancel the task',
    args: [TASK_ARGUMENT],
    options: [JSON_OPTION],
    examples: [{ run: 'cw agent stop api-model', does: 'stop it and everything it started' }],
  },
  {
    id: 'provider.list',
    group: 'Work:',
    summary: 'List the providers and whether they take work',
    details:
      'works; limited (until a time); failing (cut off, and tried again after a pause); refused and billing\n' +
      '(a person must act: log in or pay, then cw provider resume, or the next cw run tries it with one task).',
    options: [JSON_OPTION],
    examples: [{ run: 'cw provider list', does: 'show state, fallbacks and reason of each' }],
    isDefault: true,
  },
  {
    id: 'provider.resume',
    group: 'Work:',
    summary: 'Let a provider that was cut off take work again at once',
    args: [{ name: '<name>', help: 'a provider, or the account that several share', completes: 'provider' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw provider resume claude', does: 'after logging in again' }],
  },
  {
    id: 'inbox.list',
    group: 'Work:',
    summary: 'List what waits for you: questions, approvals, messages, held edits of the roadmap',
    details: 'What the orchestrator agent looks into is listed too: you may be quicker.',
    options: [{ flags: '--all', help: 'answered ones and read messages too' }, JSON_OPTION],
    examples: [{ run: 'cw inbox', does: 'show what waits for you' }],
    isDefault: true,
  },
  {
    id: 'inbox.answer',
    group: 'Work:',
    summary: 'Answer a question; the agent goes on in the same conversation',
    args: [
      { name: '<task>', help: 'id of the task that asks', completes: 'task' },
      { name: '<answer>', help: 'the answer, or the number of an option; - reads standard input' },
    ],
    options: [{ flags: '--question <id>', help: 'which question, when the task asks several' }, JSON_OPTION],
    examples: [
      { run: 'cw inbox answer api-model "Use UUIDs"', does: 'answer in words' },
      { run: 'cw inbox answer api-model 2', does: 'take the second option' },
    ],
  },
  {
    id: 'inbox.read',
    group: 'Work:',
    summary: 'Read a message, or all that a task asked; a message counts as read then',
    args: [{ name: '<id>', help: 'id of a message or a task', completes: 'task' }],
    options: [JSON_OPTION],
    examples: [
      { run: 'cw inbox read api-model', does: 'its questions, with the answers that they got' },
      { run: 'cw inbox read msg_4by6mvt5ixlr', does: 'one message' },
    ],
  },
  {
    id: 'inbox.withdraw',
    group: 'Work:',
    summary: 'Take back a question that nobody will answer; the agent decides by itself',
    args: [{ name: '<task>', help: 'id of the task that asks', completes: 'task' }],
    options: [
      { flags: '--question <id>', help: 'which question (default: all that are open)' },
      { flags: '--reason <text>', help: 'what the agent is told about it' },
      JSON_OPTION,
    ],
    examples: [{ run: 'cw inbox withdraw api-model --reason "Either is fine"', does: 'let it choose' }],
  },
  {
    id: 'ask',
    group: 'For agents at work:',
    summary: 'Ask, as an agent at work, and wait for the answer',
    fromShell: true,
    details:
      'The orchestrator agent answers if it can, else a person. Exit code 3: no answer yet; the agent ends its turn and\n' +
      'goes on when it has come.',
    args: [{ name: '<question>', help: 'what you cannot decide without an answer' }],
    options: [{ flags: '--option <text...>', help: 'answers to choose from' }, JSON_OPTION],
    examples: [{ run: 'cw ask "Which port?" --option 80 8080', does: 'print the answer, or end with 3' }],
  },
  {
    id: 'tell',
    group: 'For agents at work:',
    summary: 'Send a message to a task’s agent, a person or everyone',
    details: 'For a person it is cw message send.',
    fromShell: true,
    args: [
      { name: '<to>', help: 'id of a task, orchestrator, person or everyone', completes: 'task' },
      { name: '<text>', help: 'what to say; - reads standard input' },
    ],
    options: [{ flags: '--reply-to <id>', help: 'message that this answers' }, JSON_OPTION],
    examples: [{ run: 'cw tell api-model "id is a UUID now"', does: 'its agent reads it at its next look' }],
  },
  {
    id: 'messages',
    group: 'For agents at work:',
    summary: 'Read, as an agent at work, what was sent to you',
    details: 'For a person it is cw message list; what waits for you is in cw inbox.',
    fromShell: true,
    options: [JSON_OPTION],
    examples: [{ run: 'cw messages', does: 'print what is new; it counts as read then' }],
  },
  {
    id: 'report',
    group: 'For agents at work:',
    summary: 'Say, as an agent at work, how far you are',
    fromShell: true,
    args: [{ name: '[text]', help: 'what is done now' }],
    options: [
      { flags: '--percent <n>', help: 'how much of the whole, from 0 to 100' },
      { flags: '--result <json>', help: 'how your turn ends; - reads it from standard input' },
    ],
    examples: [
      { run: 'cw report "half of the tests pass" --percent 50', does: 'show it in cw events' },
      { run: `cw report --result '{"status":"done","summary":"…"}'`, does: 'in place of printing it' },
    ],
  },
  {
    id: 'message.send',
    group: 'Work:',
    summary: 'Write to the agent of a task, to the orchestrator agent or to everyone',
    details: 'An agent at work reads it when it looks for messages; else it is in its next prompt.',
    args: [
      { name: '<to>', help: 'id of a task, orchestrator, or everyone', completes: 'task' },
      { name: '<text>', help: 'what to say; - reads standard input' },
    ],
    options: [
      { flags: '--reply-to <id>', help: 'the message that it answers' },
      { flags: '--file <path>', help: 'the file of the work that it is about', completes: 'file' },
      { flags: '--line <n>', help: 'the line of that file', value: 'positive' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw message send api-model "Keep the old names"', does: 'tell one agent' },
      { run: 'cw message send everyone - < notes.md', does: 'tell all of them' },
    ],
  },
  {
    id: 'message.list',
    group: 'Work:',
    summary: 'List what agents, people and the orchestrator agent wrote',
    options: [
      { flags: '--of <who>', help: 'only from or to a task, person or orchestrator', completes: 'task' },
      { flags: '-n, --limit <n>', help: 'the newest n (default: 50)', value: 'positive' },
      JSON_OPTION,
    ],
    examples: [{ run: 'cw message list --of api-model', does: 'what one task wrote and was sent' }],
    isDefault: true,
  },
  {
    id: 'mcp',
    group: 'For agents at work:',
    summary: 'Serve the tools of this project by MCP',
    fromShell: true,
    details:
      'On standard input and output, for an agent CLI or editor that starts it in the project.\n' +
      'In the turn of an agent that Codewalk started it serves the tools of that turn.',
    options: [
      {
        flags: '--role <role>',
        help: 'what the client may do; default: operator',
        value: ['viewer', 'operator', 'approver', 'admin'],
      },
      { flags: '--name <name>', help: 'what the log calls it; default: its own name' },
    ],
    examples: [
      { run: 'claude mcp add codewalk -- cw mcp', does: 'let Claude Code plan with it' },
      { run: 'cw mcp --role viewer', does: 'only let it look' },
    ],
  },

  // ── Look ──
  {
    id: 'pause',
    group: 'Work:',
    summary: 'Pause the project: nothing more is begun',
    details:
      'It holds for every orchestrator, on every host, and over restarts. Agents at work finish their tasks, and what\n' +
      'is finished is merged. With --now they are stopped with their work saved, and go on after cw resume in the\n' +
      'same conversations.',
    args: [{ name: '[reason]', help: 'why, for whoever looks' }],
    options: [{ flags: '--now', help: 'also stop the agents at work' }, JSON_OPTION],
    examples: [
      { run: 'cw pause', does: 'finish what is at work, and begin nothing more' },
      { run: 'cw pause --now "the API is down"', does: 'stop at once, and say why' },
    ],
  },
  {
    id: 'resume',
    group: 'Work:',
    summary: 'Let a paused project go on',
    details: 'Whoever is at work on it goes on at once. Tasks that were paused by themselves stay so.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw resume', does: 'let everybody go on' }],
  },
  {
    id: 'status',
    group: 'Look:',
    summary: 'See what is done, running, stuck and waiting',
    options: [JSON_OPTION],
    examples: [
      { run: 'cw status', does: 'one screen about the project' },
      { run: 'cw status --json | jq .counts', does: 'numbers for a script' },
    ],
  },
  {
    id: 'orchestrators.list',
    group: 'Look:',
    summary: 'See every cw run on this project, on this machine and on others',
    details:
      'working: its heartbeat is fresh. stopping: it was asked to.\nsilent: heartbeats are missing. lost: its lease ran out; others take its tasks\nover, and should it wake up, it starts anew.',
    options: [
      { flags: '-a, --all', help: 'also those whose tasks were taken over in the last day' },
      JSON_OPTION,
    ],
    examples: [{ run: 'cw orchestrators', does: 'who works, and how fresh the heartbeat is' }],
    isDefault: true,
  },
  {
    id: 'orchestrators.stop',
    group: 'Look:',
    summary: 'Ask one to finish its turns, give the rest back and end',
    details: 'It obeys at its next heartbeat, wherever it runs. What it gives back goes on elsewhere.',
    args: [{ name: '<id>', help: 'id of an orchestrator, or its beginning', completes: 'orchestrator' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw orchestrators stop orc_x1', does: 'end it without losing a turn' }],
  },
  {
    id: 'events',
    group: 'Look:',
    summary: 'Read the event log',
    options: [
      { flags: '--after <seq>', help: 'only events after this number', value: 'whole' },
      {
        flags: '--type <type...>',
        help: 'only these types; task. is every type that begins so',
        completes: 'event',
      },
      { flags: '--task <id>', help: 'only events of this task', completes: 'task' },
      { flags: '-f, --follow', help: 'go on with new events until interrupted' },
      { flags: '--json', help: 'one JSON event a line' },
    ],
    examples: [
      { run: 'cw events --task api-model', does: 'the history of one task' },
      { run: 'cw events --follow --json --type task.', does: 'feed another program' },
    ],
  },
  {
    id: 'notify.test',
    group: 'Plan and settings:',
    summary: 'Send a test notice to the webhooks and the desktop',
    details:
      'One try each. While a run is at work it tells them of questions, failures and the end by itself.',
    options: [
      { flags: '--webhook <n>', help: 'only this one of notify.webhooks, from 1', value: 'positive' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw notify test', does: 'see whether notices arrive' },
      { run: 'cw notify test --webhook 2', does: 'try the second webhook alone' },
    ],
  },
  {
    id: 'usage',
    group: 'Look:',
    summary: 'Sum up tokens and cost',
    details:
      'All that agents used, also for advice to questions. Where an agent CLI names no price, its tokens are listed as\n' +
      'not priced. --by agent sums up by role.',
    options: [
      {
        flags: '--by <what>',
        help: 'a line for each of these (default: provider)',
        value: ['task', 'agent', 'provider', 'account', 'model', 'day'],
      },
      { flags: '--since <when>', help: 'from a date (2026-11-21) or for a time (7d, 12h) until now' },
      { flags: '--task <id>', help: 'only of this task', completes: 'task' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw usage', does: 'what each provider has cost so far' },
      { run: 'cw usage --by day --since 7d', does: 'the last week, day by day' },
    ],
  },
  {
    id: 'worktree.list',
    group: 'Look:',
    summary: 'List the worktrees of this checkout, and say why each is kept',
    options: [JSON_OPTION],
    examples: [{ run: 'cw worktree list', does: 'see what takes up the disk' }],
    isDefault: true,
  },
  {
    id: 'worktree.prune',
    group: 'Look:',
    summary: 'Remove old worktrees that hold nothing but merged work',
    details:
      'Only what is known to be finished, merged and clean goes, with its ignored files.\n' +
      'All else is kept and listed with the reason.',
    options: [
      {
        flags: '--older-than <time>',
        help: 'in place of worktrees.keepDays, such as 12h; 0s for any age',
      },
      { flags: '--pooled', help: 'also those that wait for the next task' },
      { flags: '--seeds', help: 'also kept dependencies that no worktree got for that long' },
      { flags: '--dry-run', help: 'only say what would go' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw worktree prune --dry-run', does: 'see what would go and what stays' },
      { run: 'cw worktree prune --older-than 0s --pooled --seeds', does: 'clear all that is not needed' },
    ],
  },
  {
    id: 'merge.list',
    group: 'Look:',
    summary: 'List merges, waiting and done',
    options: [JSON_OPTION],
    examples: [{ run: 'cw merge list', does: 'show the queue and its history' }],
    isDefault: true,
  },
  {
    id: 'recover.list',
    group: 'Look:',
    summary: 'List the work that was saved before something took it away',
    details:
      'Work is saved before an agent is stopped, before a merge or a clean-up, and when a role\n' +
      'that may not edit changed files. It stays until you prune it.',
    options: [{ flags: '--task <id>', help: 'only work of this task', completes: 'task' }, JSON_OPTION],
    examples: [
      { run: 'cw recover', does: 'list all, the newest first' },
      { run: 'cw recover list --task api-model --json', does: 'one task, for a program' },
    ],
    isDefault: true,
  },
  {
    id: 'recover.show',
    group: 'Look:',
    summary: 'Show saved work as a diff against what it was done on',
    args: [SAVED_ARGUMENT],
    options: [{ flags: '--stat', help: 'only the files and the numbers of lines' }, JSON_OPTION],
    examples: [
      { run: 'cw recover show 3f2a', does: 'read it' },
      { run: 'cw recover show 3f2a | git apply', does: 'put it into your own checkout' },
    ],
  },
  {
    id: 'recover.restore',
    group: 'Look:',
    summary: 'Bring saved work back, to a new branch or into its task',
    details:
      'Your checkout and the branches that exist are never changed. --into-task changes the task’s\n' +
      'own branch and saves its state before; the next attempt goes on from there.',
    args: [SAVED_ARGUMENT],
    options: [
      { flags: '--to <branch>', help: 'name of the new branch; default: recovered/<task>-<id>' },
      { flags: '--into-task', help: 'into the task’s worktree and branch, while nobody works on it' },
      { flags: '--dry-run', help: 'only say what would be done' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw recover restore 3f2a', does: 'make a branch of it' },
      { run: 'cw recover restore 3f2a --into-task', does: 'let the task go on from it' },
    ],
  },
  {
    id: 'recover.prune',
    group: 'Look:',
    summary: 'Forget saved work that a branch contains, or that is old',
    details: 'Says what goes. git frees the space at its next collection (git gc).',
    options: [
      { flags: '--older-than <time>', help: 'also what no branch contains, when older, such as 30d' },
      { flags: '--task <id>', help: 'only work of this task', completes: 'task' },
      { flags: '--dry-run', help: 'only say what would go' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw recover prune --dry-run', does: 'see what is not needed any more' },
      { run: 'cw recover prune --older-than 30d', does: 'forget all from before the last 30 days' },
    ],
  },
  {
    id: 'db.info',
    group: 'Look:',
    summary: 'Show where the state lies, how large it is, and its backups',
    options: [JSON_OPTION],
    examples: [{ run: 'cw db info', does: 'show the database and the backups' }],
    isDefault: true,
  },
  {
    id: 'db.verify',
    group: 'Look:',
    summary: 'Check that nothing of the state is damaged or lost',
    details:
      'Every page, the chain of hashes through the event log, its newest event against what this host has\n' +
      'seen, counters and rows. Changes nothing; exits with 1 when something is wrong.',
    args: [{ name: '[file]', help: 'a backup; default: the state itself', completes: 'file' }],
    options: [JSON_OPTION],
    examples: [
      { run: 'cw db verify', does: 'check the state' },
      { run: 'cw db verify .codewalk/backups/last.db', does: 'check a backup' },
    ],
  },
  {
    id: 'db.backup',
    group: 'Look:',
    summary: 'Copy the whole state into one file, also while work goes on',
    details:
      'A SQLite file of this project alone, from SQLite and PostgreSQL alike, checked after it was written.\n' +
      'Without a file it goes to .codewalk/backups, where the newest 10 stay.',
    args: [{ name: '[file]', help: 'a file that is not there yet', completes: 'file' }],
    options: [JSON_OPTION],
    examples: [
      { run: 'cw db backup', does: 'into .codewalk/backups' },
      { run: 'cw db backup /mnt/safe/shop.db', does: 'to another disk' },
    ],
  },
  {
    id: 'db.restore',
    group: 'Look:',
    summary: 'Make a backup the state again, here or on PostgreSQL',
    fromShell: true,
    details:
      'What is there now is kept as a backup. Refused while an orchestrator is at work or when the state is\n' +
      'newer, unless forced. Work that was under way is given back; merges that git has already count as done.',
    args: [{ name: '<file>', help: 'a backup', completes: 'file' }],
    options: [
      { flags: '--force', help: 'also over newer state, or under orchestrators at work' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw db restore .codewalk/backups/last.db', does: 'go back to it' },
      {
        run: 'cw config set database postgres://db.local/cw && cw db restore laptop.db',
        does: 'move to PostgreSQL',
      },
    ],
  },
  {
    id: 'db.accept',
    group: 'Look:',
    summary: 'Go on although the database lost events',
    details: 'For when there is no backup. The decision is written into the log.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw db accept', does: 'go on with what is there' }],
  },
  {
    id: 'deliver',
    group: 'Look:',
    summary: 'Bring the merged work into your branch',
    details:
      'Your checkout is updated only when it has no changes of its own; otherwise nothing is done.\n' +
      'A pull request is made from a branch of its own, and every further cw deliver updates it.',
    options: [
      { flags: '--dry-run', help: 'only say what would be delivered' },
      { flags: '--target <branch>', help: 'deliver to this branch' },
      { flags: '--pull-request', help: 'open or update a pull request at GitHub instead' },
      { flags: '--local', help: 'into the branch itself, also when merge.deliver is pull-request' },
      { flags: '--status', help: 'show how the pull request stands' },
      { flags: '--push', help: 'then push that branch to the remote of merge.remote' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw deliver --dry-run', does: 'see what is ready' },
      { run: 'cw deliver', does: 'bring it into the target branch' },
      { run: 'cw deliver --pull-request', does: 'let it be reviewed and merged at GitHub' },
    ],
  },

  // ── Plan and settings ──
  {
    id: 'plan.new',
    group: 'Plan and settings:',
    summary: 'Have the orchestrator agent make a plan for a goal',
    fromShell: true,
    details:
      'It reads the repository and proposes tasks, shown as a diff of the roadmap. Nothing changes until you say so;\n' +
      'cw plan "…" is short for it. The plan is kept: cw plan list.',
    args: [{ name: '[goal]', help: 'what is to be reached; - reads it from standard input' }],
    options: [
      {
        flags: '--from <file>',
        help: 'plan the open issues in a text or Markdown file; - reads them',
        completes: 'file',
      },
      { flags: '--answer <text...>', help: 'answer what it asked, and go on' },
      { flags: '-y, --yes', help: 'apply it without a question' },
      { flags: '--edit', help: 'change the roadmap that it proposes in your editor first (VISUAL, EDITOR)' },
      { flags: '--dry-run', help: 'only show what it would change' },
      { flags: '-a, --agent <agent>', help: 'who makes it; default: orchestrator', completes: 'agent' },
      JSON_OPTION,
    ],
    examples: [
      { run: 'cw plan "Search by title"', does: 'show a plan, and ask before it is applied' },
      { run: 'cw plan --from issues.md --yes', does: 'plan every open issue of a file' },
      { run: 'cw plan --answer "In the browser"', does: 'answer its question, and go on' },
    ],
    isDefault: true,
  },
  {
    id: 'plan.list',
    group: 'Plan and settings:',
    summary: 'List the plans that were proposed',
    options: [{ flags: '-a, --all', help: 'also those that were dropped' }, JSON_OPTION],
    examples: [{ run: 'cw plan list', does: 'see which wait to be applied' }],
  },
  {
    id: 'plan.show',
    group: 'Plan and settings:',
    summary: 'Show a plan as a diff of the roadmap as it is now',
    args: [PLAN_ARGUMENT],
    options: [JSON_OPTION],
    examples: [{ run: 'cw plan show plan-search', does: 'see what it would change' }],
  },
  {
    id: 'plan.apply',
    group: 'Plan and settings:',
    summary: 'Write a plan into the roadmap file',
    details: 'cw roadmap undo takes it back.',
    args: [PLAN_ARGUMENT],
    options: [
      { flags: '--edit', help: 'change it in your editor first (VISUAL, EDITOR)' },
      EDIT_DRY_RUN,
      JSON_OPTION,
    ],
    examples: [{ run: 'cw plan apply plan-search', does: 'its tasks are in the queue then' }],
  },
  {
    id: 'plan.drop',
    group: 'Plan and settings:',
    summary: 'Forget a plan, or stop making it',
    args: [PLAN_ARGUMENT],
    options: [JSON_OPTION],
    examples: [{ run: 'cw plan drop plan-search', does: 'it is no longer listed' }],
  },
  {
    id: 'roadmap.check',
    group: 'Plan and settings:',
    summary: 'Check the roadmap file and name every problem with its line',
    args: [{ name: '[file]', help: 'default: the roadmap of the project', completes: 'file' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw roadmap check', does: 'find mistakes before a run does' }],
  },
  {
    id: 'roadmap.diff',
    group: 'Plan and settings:',
    summary: 'Show what an edit of the roadmap would do, before it is applied',
    details: 'Names each task with its state, what changes and what that means for it. Changes nothing.',
    args: [
      { name: '[file]', help: 'a file elsewhere; default: the roadmap of the project', completes: 'file' },
    ],
    options: [JSON_OPTION],
    examples: [
      { run: 'cw roadmap diff', does: 'see what the next look at the file will do' },
      { run: 'cw roadmap diff draft.yaml', does: 'see what a draft would do in its place' },
    ],
  },
  {
    id: 'roadmap.sync',
    group: 'Plan and settings:',
    summary: 'Take the roadmap file as it is now',
    details:
      'Runs and most commands do so by themselves. A file that takes away most of the open tasks is held.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw roadmap sync', does: 'apply the edits of the file now' }],
  },
  {
    id: 'roadmap.confirm',
    group: 'Plan and settings:',
    summary: 'Take a roadmap that loses most of its open tasks',
    details:
      'A file that takes away more than half of the open tasks, and at least two, waits for this: it may be\n' +
      'broken. See what it does with "cw roadmap diff" first.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw roadmap confirm', does: 'take the file as it is, also in a run' }],
  },
  {
    id: 'roadmap.show',
    group: 'Plan and settings:',
    summary: 'Show phases, plans and tasks with how far each is',
    options: [{ flags: '--made', help: 'also what was made in those that are over' }, JSON_OPTION],
    examples: [
      { run: 'cw roadmap show', does: 'see the plan as a tree' },
      { run: 'cw roadmap show --made', does: 'read what came of finished plans' },
    ],
    isDefault: true,
  },
  {
    id: 'roadmap.undo',
    group: 'Plan and settings:',
    summary: 'Take the latest change of the roadmap by a command back',
    details: 'Not when the file was edited since: then it names the version before, which stays where it is.',
    options: [EDIT_DRY_RUN, JSON_OPTION],
    examples: [{ run: 'cw roadmap undo', does: 'bring the file back as it was before cw task edit' }],
  },
  {
    id: 'files.on',
    group: 'Plan and settings:',
    summary: 'Keep the inbox and the plan as files',
    details:
      'Writes .codewalk/inbox and .codewalk/plan. While an orchestrator runs, what you save there is carried out:\n' +
      'answer a question by writing below its line, change a task by editing its file, add one by making a file.',
    options: [JSON_OPTION],
    examples: [{ run: 'cw files on', does: 'write the files and keep them in step' }],
  },
  {
    id: 'files.off',
    group: 'Plan and settings:',
    summary: 'Stop keeping files; those that are there stay',
    options: [JSON_OPTION],
    examples: [{ run: 'cw files off', does: 'let what you save there have no effect' }],
  },
  {
    id: 'files.status',
    group: 'Plan and settings:',
    summary: 'Show who keeps the files, and what waits for you in them',
    options: [JSON_OPTION],
    examples: [{ run: 'cw files status', does: 'list conflicts and warnings' }],
    isDefault: true,
  },
  {
    id: 'config.show',
    group: 'Plan and settings:',
    summary: 'Show the settings in force',
    options: [{ flags: '--origin', help: 'say for each where it comes from' }, JSON_OPTION],
    examples: [{ run: 'cw config show --origin', does: 'see which file decides' }],
    isDefault: true,
  },
  {
    id: 'config.get',
    group: 'Plan and settings:',
    summary: 'Print one setting',
    args: [{ name: '<key>', help: 'dotted, such as merge.strategy', completes: 'setting' }],
    options: [JSON_OPTION],
    examples: [{ run: 'cw config get merge.strategy', does: 'print the value in force' }],
  },
  {
    id: 'config.set',
    group: 'Plan and settings:',
    summary: 'Change one setting',
    args: [
      { name: '<key>', help: 'dotted, such as maxAgents', completes: 'setting' },
      { name: '<value>', help: 'JSON, or plain text' },
    ],
    options: [LOCAL_OR_GLOBAL],
    examples: [
      { run: 'cw config set maxAgents 2', does: 'in the project' },
      { run: 'cw config set agents.coder.model opus --global', does: 'for every project of yours' },
    ],
  },
  {
    id: 'config.unset',
    group: 'Plan and settings:',
    summary: 'Take one setting out of a file',
    args: [{ name: '<key>', help: 'dotted, such as maxAgents', completes: 'setting' }],
    options: [LOCAL_OR_GLOBAL],
    examples: [{ run: 'cw config unset maxAgents', does: 'back to the global value or the default' }],
  },
  {
    id: 'config.path',
    group: 'Plan and settings:',
    summary: 'Print where the config files are',
    options: [JSON_OPTION],
    examples: [{ run: 'cw config path', does: 'find the files to edit' }],
  },
];
