import type { Generated } from 'kysely';
import type { QuestionKind } from '../../core/agents/outcome.ts';
import type { SandboxMode } from '../../core/agents/ports.ts';
import type { AgentEnd } from '../../core/agents/turn.ts';
import type { MergeStrategy, QuestionStage, StepKind } from '../../core/events/event.ts';
import type { AccountCause } from '../../core/resilience/breaker.ts';
import type { TaskState } from '../../core/tasks/states.ts';

/**
 * Every table, with types that both engines share: text, integer (bigint on PostgreSQL), double, JSON as text,
 * booleans as 0 and 1, times as epoch ms. `project_id` leads every key, so that projects may share a database.
 */
export interface Tables {
  schema_version: SchemaVersionTable;
  meta: MetaTable;
  stream: StreamTable;
  events: EventsTable;
  tasks: TasksTable;
  gates: GatesTable;
  edges: EdgesTable;
  steps: StepsTable;
  turn_parts: TurnPartsTable;
  sessions: SessionsTable;
  questions: QuestionsTable;
  messages: MessagesTable;
  message_reads: MessageReadsTable;
  plans: PlansTable;
  orchestrators: OrchestratorsTable;
  leases: LeasesTable;
  providers: ProvidersTable;
  retries: RetriesTable;
  spending: SpendingTable;
}

/** One row for each migration that was made. */
export interface SchemaVersionTable {
  version: number;
  made_by: string;
  made_at: number;
}

export interface MetaTable {
  project_id: string;
  key: string;
  value: string;
}

/** One row a project: the number of its newest event. Whoever writes holds this row. */
export interface StreamTable {
  project_id: string;
  head: number;
}

export interface EventsTable {
  project_id: string;
  seq: number;
  at: number;
  type: string;
  task: string | null;
  body: string;
  /** SHA-256 over the hash of the event before it and all of its own columns, hex. */
  hash: Generated<string>;
}

export interface TasksTable {
  project_id: string;
  id: string;

  // ── the definition, as the last sync wrote it ──
  definition: string;
  /** Ids of what it waits for, as a JSON list; `edges` holds the same for joins. */
  needs: string;
  position: number;
  chain: number;
  priority: number;
  files: string;
  agent: string | null;
  workflow: string | null;
  created_at: number;

  // ── its life, as events made it ──
  state: Generated<TaskState>;
  /** What it needs and is not satisfied: tasks, and gates that are still pending. */
  pending_needs: Generated<number>;
  /** 1 once dependents count it as finished. Never goes back: who was unlocked by it stays unlocked. */
  satisfied: Generated<number>;
  /** 1 for an active task that left the roadmap: archived when its attempt ends. */
  leaving: Generated<number>;
  /** The state before `archived`, for a task that comes back into the roadmap. */
  archived_from: Generated<TaskState | null>;
  /**
   * What of the definition was edited since its agents were told, as JSON: the fields by their names in the file,
   * each with the text that they know; null: nothing.
   */
  stale: Generated<string | null>;
  /** Of the definition and of the needs, 22 characters each; empty: not made yet. */
  digest: Generated<string>;
  /** The ids that it had before, as the last sync read them, as a JSON list; null: none. */
  was: Generated<string | null>;
  /** The id that its branch, worktree and logs are named by; null: its own. */
  place: Generated<string | null>;
  attempts: Generated<number>;
  failures: Generated<number>;
  bounces: Generated<number>;
  fence: Generated<number>;
  /** The orchestrator that holds the lease; null when nobody does, so it also marks the active tasks. */
  owner: Generated<string | null>;
  lease_until: Generated<number | null>;
  not_before: Generated<number | null>;
  /** Whose step comes next, when an attempt ended before it; null: the first of the workflow, or it is not known. */
  next_role: Generated<string | null>;
  /** Since when a person lets it rest; null: nobody does. */
  paused_at: Generated<number | null>;
  paused_by: Generated<string | null>;
  /** What was said as to why; empty: nothing. */
  paused_for: Generated<string | null>;
  reason: Generated<string | null>;
  summary: Generated<string | null>;
  branch: Generated<string | null>;
  worktree: Generated<string | null>;
  base: Generated<string | null>;
  head: Generated<string | null>;
  merge_state: Generated<'queued' | 'merging' | 'conflicted' | 'merged' | null>;
  merge_at: Generated<number | null>;
  merge_commit: Generated<string | null>;
  merge_strategy: Generated<MergeStrategy | null>;
  intent_branch: Generated<string | null>;
  intent_expected: Generated<string | null>;
  intent_commit: Generated<string | null>;
  cost_usd: Generated<number>;
  input_tokens: Generated<number>;
  output_tokens: Generated<number>;
  started_at: Generated<number | null>;
  finished_at: Generated<number | null>;
}

/** A gate is open when `pending` members are 0. */
export interface GatesTable {
  project_id: string;
  id: string;
  /** Ids of its members, as a JSON list; `edges` holds the same for joins. */
  members: string;
  pending: number;
}

/** `node` (a task or a gate) waits for `needs` (a task or a gate). A gate's members are what it needs. */
export interface EdgesTable {
  project_id: string;
  node: string;
  needs: string;
}

export interface StepsTable {
  project_id: string;
  task: string;
  step: number;
  attempt: number;
  step_index: number;
  agent: string;
  round: number;
  kind: StepKind;
  provider: string;
  state: 'running' | 'finished';
  outcome: string | null;
  verdict: 'done' | 'rejected' | 'questions' | 'error' | null;
  summary: string | null;
  session: string | null;
  pid: number | null;
  pid_start: string | null;
  boot_id: string | null;
  cost_usd: number;
  started_at: number;
  finished_at: number | null;
  account: Generated<string | null>;
  model: Generated<string | null>;
  sandbox: Generated<SandboxMode | null>;
  input_tokens: Generated<number>;
  output_tokens: Generated<number>;
  cached_tokens: Generated<number>;
  /** Of the input and output, what the CLI named no price for. */
  unpriced_tokens: Generated<number>;
  /** When usage came last; null when none ever did. */
  used_at: Generated<number | null>;

  // ── the turn of its agent; a step may end without one ──
  began_at: Generated<number | null>;
  ended_at: Generated<number | null>;
  /** Null until its end was told. */
  ended: Generated<AgentEnd | null>;
  left_out: Generated<number>;
  answer: Generated<string | null>;
  prompt: Generated<string | null>;
  /** What was said up to the first commit, as a JSON list; the rest is in `turn_parts`. */
  entries: Generated<string | null>;
}

/** What was said between two commits, as a JSON list. */
export interface TurnPartsTable {
  project_id: string;
  task: string;
  step: number;
  /** Orders the parts of a turn. */
  first: number;
  entries: string;
}

export interface SessionsTable {
  project_id: string;
  task: string;
  agent: string;
  provider: string;
  session: string;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
  cost_usd: number;
}

export interface QuestionsTable {
  project_id: string;
  task: string;
  /** Counts the task's questions from 1: agents repeat their own ids. */
  ordinal: number;
  question_id: string;
  attempt: number;
  step: number;
  question: string;
  options: string | null;
  kind: Generated<QuestionKind | null>;
  /** JSON. */
  approves: Generated<string | null>;
  /** Who is to answer it. */
  stage: Generated<QuestionStage>;
  /** Why the orchestrator's agent left it to a person, or why it was withdrawn. */
  note: Generated<string | null>;
  /** The step whose agent was told what became of it; null: nobody was told yet. */
  told: Generated<number | null>;
  /** `dropped`: its task went on without an answer. `withdrawn`: nobody will answer it. */
  state: 'open' | 'answered' | 'withdrawn' | 'dropped';
  asked_at: number;
  answer: string | null;
  answered_at: number | null;
  answered_by: string | null;
}

/** What agents, people and the orchestrator said to each other. */
export interface MessagesTable {
  project_id: string;
  id: string;
  /** Orders them: the number of the event that sent it. */
  seq: number;
  sender: string;
  recipient: string;
  text: string;
  reply_to: string | null;
  file: string | null;
  line: number | null;
  sent_at: number;
}

/** One row for each that has read a message. */
export interface MessageReadsTable {
  project_id: string;
  message: string;
  reader: string;
  read_at: number;
}

/** What planning tasks proposed, each under the id of its task. */
export interface PlansTable {
  project_id: string;
  id: string;
  goal: string;
  /** JSON list of titles. */
  issues: string;
  replaces: string | null;
  proposal: string;
  notes: string;
  state: 'open' | 'applied' | 'dropped';
  edited: string | null;
  /** JSON list of ids. */
  added: string;
  proposed_at: number;
  settled_at: number | null;
  settled_by: string | null;
}

export interface OrchestratorsTable {
  project_id: string;
  id: string;
  host: string;
  pid: number;
  pid_start: string;
  boot_id: string;
  version: string;
  max_agents: number;
  started_at: number;
  last_heartbeat: number;
  /** Attempts that it was working on at its last heartbeat. */
  agent_count: Generated<number>;
  /** Who asked it to finish its turns and end; null: nobody. */
  stop_by: Generated<string | null>;
  lease_until: number;
  /** 1 when it was taken for dead; its next heartbeat brings it back. */
  lost: number;
}

/** `fence` rises with each new owner and stays when the lease is free. */
export interface LeasesTable {
  project_id: string;
  name: string;
  owner: string | null;
  fence: number;
  until: number;
}

export interface ProvidersTable {
  project_id: string;
  /** Of the account, which several providers may share. */
  name: string;
  parked_until: number;
  reason: string;
  failures: Generated<number>;
  opens: Generated<number>;
  cause: Generated<AccountCause | null>;
  trial: Generated<string | null>;
}

/** One row a project: when its next retries begin, and the last minute's, as a JSON list of epoch ms. */
export interface RetriesTable {
  project_id: string;
  times: string;
}

/** What agents cost in one quarter of an hour, which `slot` is the begin of (epoch ms); slot 0 holds the sum of all. */
export interface SpendingTable {
  project_id: string;
  slot: number;
  cost_usd: number;
}
