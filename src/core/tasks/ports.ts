import type { AgentRecord, SaidRecord, TurnRecord, UsageKey, UsageReport } from '../agents/history.ts';
import type { ProcessIdentity } from '../agents/ports.ts';
import type { TurnPart } from '../agents/turn.ts';
import type { ActiveTask, ReadyTask } from '../dispatch/decide.ts';
import type { AttemptEvent, EventType, LoggedEvent, NewEvent } from '../events/event.ts';
import type { TaskId } from '../ids.ts';
import type { EditedPlan, NewPlan, PlanRecord } from '../planning/ports.ts';
import type { AccountChange, AccountFacts, AccountStanding } from '../resilience/breaker.ts';
import type { FieldChange } from '../roadmap/changed-fields.ts';
import type { Plan, TaskDefinition } from '../roadmap/model.ts';
import type { HeldRemoval, SyncReason } from '../syncing/ports.ts';
import type { MessageRecord, NewMessage } from './message.ts';
import type { TaskState } from './states.ts';
import type {
  MergeRecord,
  NewOrchestrator,
  OrchestratorRecord,
  Pause,
  QuestionRecord,
  SessionRecord,
  StepRecord,
  Task,
} from './task.ts';

/** An orchestrator's right to one attempt. Every write about the attempt carries it. */
export interface TaskLease {
  readonly task: TaskId;
  readonly attempt: number;
  readonly fence: number;
}

/** Whose sessions are those of agents that work on no task. No task has this id. */
export const NO_TASK = '' as TaskId;

/** A task that `claim` gave to an orchestrator. */
export interface Claim extends TaskLease {
  readonly definition: Task['definition'];
  readonly leaseUntil: number;
  /** The whole task as it stands with this claim, so that the attempt need not read it again. */
  readonly claimed: Task;
}

/** What the pure dispatcher sees. `now` is the database's clock, epoch ms. */
export interface DispatchSnapshot {
  readonly now: number;
  /** Ready tasks by priority, then longest remaining chain, then roadmap order. */
  readonly ready: readonly ReadyTask[];
  /** Every task that any orchestrator holds. */
  readonly active: readonly ActiveTask[];
  readonly freeSlots: number;
  /** Provider accounts that something is known against; the others take work. */
  readonly accounts: Readonly<Record<string, AccountStanding>>;
  /** How many tasks wait for an approval; only where the claim wants to know it. */
  readonly approvals?: number;
}

/** What the dispatcher answers: the tasks to claim, and the next time (epoch ms) at which more could be ready. */
export interface DispatchDecision {
  readonly claims: readonly TaskId[];
  readonly wakeAt: number | undefined;
  /** Claims that try an account which has been cut off; one that another task tries already is not made. */
  readonly trials?: readonly { readonly task: TaskId; readonly account: string }[];
}

export interface ClaimResult {
  readonly claims: readonly Claim[];
  /** After how many ms more could be ready, by the database's clock, which may differ from the caller's. */
  readonly wakeInMs: number | undefined;
}

/** `lease-lost`: the fence is old, nothing was taken but the refusal; stop and throw the attempt away. */
export type AppendOutcome =
  | { kind: 'recorded'; seq: number }
  | { kind: 'lease-lost'; heldFence: number | undefined };

/** Ids per kind of change; `unchanged` counts the rest. */
export interface SyncResult {
  readonly added: readonly TaskId[];
  readonly changed: readonly TaskId[];
  readonly removed: readonly TaskId[];
  readonly renamed: readonly { readonly from: TaskId; readonly to: TaskId }[];
  readonly unchanged: number;
  /** Renames of tasks at work. They wait for the end of the attempt, and the roadmap's hash is not kept until then. */
  readonly deferred?: readonly { readonly from: TaskId; readonly to: TaskId }[];
  /** Nothing was written, because the plan would lose most of its open tasks and nobody has confirmed that. */
  readonly held?: HeldRemoval;
  /** Nothing was written, because another process synced the plan since `SyncOptions.onto` was read. */
  readonly overtaken?: true;
}

/** What a sync would do to one task. */
export interface TaskDifference {
  readonly kind: 'added' | 'changed' | 'removed' | 'renamed' | 'returns';
  /** Its id after the sync. */
  readonly id: TaskId;
  /** Its id until then, when that is another one. */
  readonly from?: TaskId;
  readonly title: string;
  /** Absent for a new task. */
  readonly state?: TaskState;
  readonly fields: readonly FieldChange[];
  /** Never empty. */
  readonly effects: readonly SyncEffect[];
}

export type SyncEffect =
  /** The task simply has the new definition. */
  | 'applies'
  /** It is at work by the old one: its agent is told at its next turn. */
  | 'stale'
  /** Its work is over, or it is at work and a word does not end that: the edit changes nothing. */
  | 'none'
  | 'archived'
  /** Its attempt goes on; it is archived when that ends. */
  | 'drains'
  /** Its agent is stopped, its work saved, and it is archived. */
  | 'stopped'
  | 'done'
  | 'cancelled'
  /** Back in the queue. */
  | 'reset'
  /** The rename waits for the end of its attempt. */
  | 'waits';

/** What a sync would do, found by the code that does it. Tasks are in the order of the plan, removed ones last. */
export interface SyncPreview {
  readonly tasks: readonly TaskDifference[];
  readonly unchanged: number;
  /** Nothing of it would happen before somebody confirms it. */
  readonly held?: HeldRemoval;
}

export interface SyncOptions {
  /** Default `command`. */
  readonly reason?: SyncReason;
  /** Take the plan even if it loses most of its open tasks. Default: hold such a plan. */
  readonly confirmed?: boolean;
  /** What becomes of a task at work that left the plan. Default `drain`. */
  readonly onRemoved?: 'drain' | 'cancel';
  /** The `roadmap_hash` that the caller found before it read the file; absent or another one: overtaken. */
  readonly onto?: { readonly hash: string | undefined };
  /** How many more agents the caller could start at once; told with the event. */
  readonly idleAgents?: number;
}

export interface Counts {
  readonly byState: Readonly<Record<TaskState, number>>;
  /** Pending tasks that wait for nothing (they may still wait for a file lock, a slot or a time). */
  readonly ready: number;
  /** Pending tasks that a person lets rest; none of them is ready. */
  readonly paused: number;
  readonly total: number;
  readonly costUsd: number;
}

export type CommandOutcome =
  | { kind: 'recorded'; seq: number }
  | { kind: 'refused'; reason: string; advice: string }
  | { kind: 'unknown-task' };

/** What a pause of the project came to. */
export interface ProjectPaused {
  /** The one that stands. */
  readonly pause: Pause;
  /** It stood before, and nothing has changed. */
  readonly stood: boolean;
  /** Taken from their orchestrators. */
  readonly stopped: readonly TaskId[];
  /** Still at work: their merge is under way, or nobody asked for them to be stopped. */
  readonly atWork: readonly TaskId[];
}

/** A held named lease, such as the merge queue's. Writes to git compare `fence` through the store first. */
export interface NamedLease {
  readonly name: string;
  readonly fence: number;
}

/** What an orchestrator holds and wants to hold for another `leaseMs`. */
export interface HeldLeases {
  readonly leases: readonly TaskLease[];
  readonly names: readonly NamedLease[];
  readonly leaseMs: number;
}

export interface Heartbeat {
  readonly lostTasks: readonly TaskLease[];
  readonly lostNames: readonly NamedLease[];
  readonly stopBy: string | undefined;
}

/**
 * The one place where state lives. Every method is one transaction; every change of state is made by an event
 * and written together with it, so that the log and the tables cannot disagree. Times come from the
 * database's clock.
 *
 * Both engines (SQLite, PostgreSQL) pass the same contract suite, `test/contracts/store.ts`.
 */
export interface Store extends AsyncDisposable {
  /** Names the engine and where it is, without credentials, for people. */
  readonly location: string;

  // ── definitions ──
  /**
   * Makes the stored definitions equal to `plan` and appends one `roadmap.synced` when something changed. The
   * meta value `roadmap_hash` becomes `source.hash` with it.
   * State is kept: a task that is active or finished keeps it. A definition with `initialState: done` is
   * stored as done when it is new; later a status counts only when it was edited since the last sync. A task that was
   * begun by an older definition is `stale` until its agent is told. Tasks that left the plan are archived when pending
   * or finished; active ones keep running and are archived by their end, or are stopped and archived (`onRemoved`).
   * A task with a new id (`was`) goes on under it. A dependency that is done already does not count as pending.
   *
   * A plan that takes away most of the open tasks is `held`: nothing is written, unless it is `confirmed` or the meta
   * value `roadmap_confirmed` is its hash.
   */
  sync(plan: Plan, source: { path: string; hash: string }, options?: SyncOptions): Promise<SyncResult>;
  /** What `sync` would do now. Writes nothing. */
  diff(plan: Plan, options?: SyncOptions): Promise<SyncPreview>;
  /**
   * Adds one task that stands outside the roadmap (`adHoc`), with `task.added`. No sync takes it away; a roadmap
   * that defines the same id takes it over. `exists`: there is a task with that id, nothing was done.
   */
  addTask(definition: TaskDefinition, by: string): Promise<'added' | 'exists'>;
  /** Keeps what a planning task proposes, with `plan.proposed`; what it proposed before is replaced. */
  keepPlan(plan: NewPlan): Promise<void>;
  /** Keeps what a person made of the file in the place of a proposal. */
  amendPlan(id: TaskId, edited: EditedPlan): Promise<void>;
  /**
   * Says what became of a proposal, with `plan.applied` or `plan.dropped`, and archives the task that made it when that
   * is over. False: it is so already, or there is none.
   */
  settlePlan(
    id: TaskId,
    how: { to: 'applied' | 'dropped'; added: readonly TaskId[]; by: string },
  ): Promise<boolean>;
  /** The newest first. */
  plans(filter?: { id?: TaskId; open?: boolean }): Promise<readonly PlanRecord[]>;
  getMeta(key: string): Promise<string | undefined>;
  setMeta(key: string, value: string): Promise<void>;

  // ── orchestrators ──
  /** Lists an orchestrator. Who sends no heartbeat within `leaseMs` (default 60 s) is taken for dead. */
  register(orchestrator: NewOrchestrator, leaseMs?: number): Promise<void>;
  /**
   * Renews the orchestrator's heartbeat, the count of its agents, and the leases of the attempts and names it holds.
   * Returns what it no longer holds (stop those at once), and who asked it to end.
   */
  heartbeat(id: string, held: HeldLeases): Promise<Heartbeat>;
  /** Ends the registration; gives back what it still held, with `task.released`. */
  deregister(id: string, reason: string): Promise<void>;
  /**
   * Ends the registration of an orchestrator that stopped its own work because it could not renew its leases: gives
   * back what nobody has taken from it yet, with one `orchestrator.fenced`, which names `tasks`.
   */
  fence(id: string, fenced: { reason: string; tasks: readonly TaskId[] }): Promise<void>;
  /**
   * Gives back the tasks of orchestrators whose lease ran out, and of those in `dead` (known dead by process
   * identity) at once: state pending, sessions kept, one `orchestrator.lost` each and a `task.released` per task.
   * Those in `spared` keep theirs: their processes run on this machine and nobody has stopped them.
   */
  reclaim(dead: readonly string[], spared?: readonly string[]): Promise<readonly TaskId[]>;
  /** Ends the registration of lost orchestrators of which no process is left. */
  forget(ids: readonly string[]): Promise<void>;
  /** Asks an orchestrator to finish its turns and end; it obeys at its next heartbeat. False: there is none. */
  dismiss(id: string, by: string): Promise<boolean>;
  /** Those at work, oldest first; with `lost` also those whose tasks were taken from them. */
  orchestrators(filter?: { lost?: boolean }): Promise<readonly OrchestratorRecord[]>;

  // ── dispatch ──
  /**
   * One transaction: reads the snapshot, lets `decide` choose, and gives the chosen tasks to the
   * orchestrator: state claimed, fence + 1, attempts + 1, one `task.claimed` each. It sees every write that was
   * asked of this store before it, and shares a commit with those that are still under way.
   */
  claim(request: {
    orchestrator: string;
    freeSlots: number;
    leaseMs: number;
    /** Put `approvals` into the snapshot. Default: no. */
    wantsApprovals?: boolean;
    decide: (snapshot: DispatchSnapshot) => DispatchDecision;
  }): Promise<ClaimResult>;
  /**
   * Appends facts about one attempt and makes their changes of state, if the fence is still the newest. `turns` is what
   * its agents said meanwhile: kept in the same transaction, beside the log. What comes with an old fence is refused,
   * and the refusal is a fact: `write.refused` with both fences.
   */
  append(
    lease: TaskLease,
    events: readonly AttemptEvent[],
    turns?: readonly TurnPart[],
  ): Promise<AppendOutcome>;
  /** Appends facts that belong to no attempt. */
  log(events: readonly Exclude<NewEvent, AttemptEvent>[]): Promise<number>;
  /**
   * Appends facts that belong to no attempt and sets the meta value `mark`, in one transaction; unless it has that
   * value already, which is `false`. So many processes that find the same thing say it once.
   */
  logOnce(
    mark: { readonly key: string; readonly value: string },
    events: readonly Exclude<NewEvent, AttemptEvent>[],
  ): Promise<boolean>;
  /** Reads one task with its open questions and, in the same transaction, makes what `decide` returns for it (events, or a refusal). */
  command(
    task: TaskId,
    decide: (
      task: Task,
      open: readonly QuestionRecord[],
    ) => readonly NewEvent[] | { refused: string; advice: string },
  ): Promise<CommandOutcome>;
  /**
   * Keeps a message, with `message.sent`. One of an id that is there already is not sent again: that one is returned.
   * `unknown-task`: it is to or from a task that is not there.
   */
  send(message: NewMessage): Promise<MessageRecord | 'unknown-task'>;
  /**
   * Writes down a turn of an agent that works on no task, with `agent.consulted`: what it cost, and the session to go
   * on in. Its session is kept as one of `NO_TASK`; without `session` the one that is kept is forgotten.
   */
  consulted(turn: {
    readonly event: Extract<NewEvent, { type: 'agent.consulted' }>;
    readonly session: SessionRecord | undefined;
  }): Promise<void>;
  /** Marks messages as read by one address, with `message.read`. Returns those that were not, oldest first. */
  readMessages(reader: string, ids: readonly string[]): Promise<readonly MessageRecord[]>;
  /** Takes a named lease, or says who holds it. Reentrant for the same owner (same fence). */
  acquire(
    name: string,
    owner: string,
    leaseMs: number,
  ): Promise<NamedLease | { heldBy: string; until: number }>;
  release(lease: NamedLease, owner: string): Promise<void>;

  // ── pauses of the whole project; one of a task is a `command` ──
  /**
   * From now on nothing is claimed, with `project.paused`. `now`: what is at work is taken from its orchestrators as
   * well and goes back into the queue, but for tasks whose merge may be visible.
   */
  pauseProject(pause: { by: string; reason: string; now: boolean }): Promise<ProjectPaused>;
  /** Returns the pause that it ended, with `project.resumed`; absent: there was none. */
  resumeProject(by: string): Promise<Pause | undefined>;
  /** The pause of the project that stands. */
  pause(): Promise<Pause | undefined>;

  // ── provider accounts, retries and money ──
  /** Accounts that something is known against, by name; one that is not listed takes work. */
  accounts(): Promise<readonly AccountStanding[]>;
  /**
   * Reads one account and, in the same transaction, writes what `change` makes of it and logs its events. `change` is
   * pure: it may be run again. Returns the account as it stands then.
   */
  changeAccount(
    account: string,
    change: (before: AccountStanding, facts: AccountFacts) => AccountChange,
  ): Promise<AccountStanding>;
  /**
   * Reserves the time (epoch ms) of one retry: the first that is `delayMs` away or more, at which no minute holds more
   * than `perMinute` retries of the project.
   */
  planRetry(delayMs: number, perMinute: number): Promise<number>;
  /** What the project's agents cost since a time, USD; to the quarter of an hour. Absent: since ever. */
  spent(since?: number): Promise<number>;

  // ── reading ──
  task(id: TaskId): Promise<Task | undefined>;
  /** In roadmap order; archived ones only when asked for by state. `places`: see `Task.place`. */
  tasks(filter?: {
    states?: readonly TaskState[];
    ids?: readonly TaskId[];
    places?: readonly TaskId[];
  }): Promise<readonly Task[]>;
  /** Finished tasks that this one waited for directly or through a gate, newest first, at most 20. */
  predecessors(task: TaskId): Promise<readonly { id: TaskId; title: string; summary: string }[]>;
  /** Goes through every task: for people, and for what happens seldom. */
  counts(): Promise<Counts>;
  /** Does any orchestrator hold a task? Costs the same however many tasks there are. */
  isAnyActive(): Promise<boolean>;
  steps(task: TaskId): Promise<readonly StepRecord[]>;
  sessions(task: TaskId): Promise<readonly SessionRecord[]>;
  /** The steps of a task with what their agents were told, said and used, in order. */
  turns(task: TaskId): Promise<readonly TurnRecord[]>;
  /** What was said in one turn, in order; `after` is the `first` of the last part that is known, -1 for none. */
  said(turn: { task: TaskId; step: number; after: number }): Promise<readonly SaidRecord[]>;
  /**
   * The agents of one task; or of the tasks that were begun and are not done, in roadmap order; or with `all` of every
   * task that ever had one, the newest first. Of `limit` tasks at most.
   */
  agents(filter: { task: TaskId } | { all: boolean; limit: number }): Promise<readonly AgentRecord[]>;
  /** Summed up by the database. `since`: epoch ms. At most `limit` rows; the total is of all. */
  usage(filter: { by: UsageKey; limit: number; since?: number; task?: TaskId }): Promise<UsageReport>;
  questions(filter?: { open?: boolean; task?: TaskId }): Promise<readonly QuestionRecord[]>;
  /**
   * Oldest first. `unreadBy`: what was sent to that address, or by others to everyone, and was not read by it. `of`:
   * what was sent by or to that address. With `limit` the newest of them.
   */
  messages(filter?: {
    id?: string;
    unreadBy?: string;
    of?: string;
    limit?: number;
  }): Promise<readonly MessageRecord[]>;
  /** What waits for its merge and what was merged, oldest first; with `limit` the newest of them. */
  merges(filter?: { limit?: number }): Promise<readonly MergeRecord[]>;
  /**
   * Processes recorded by attempts that have not ended by themselves. `owner` holds the attempt; absent: it was taken
   * from its holder, and whatever of it still runs is to be stopped.
   */
  processes(): Promise<readonly { task: TaskId; owner: string | undefined; process: ProcessIdentity }[]>;
  /** Events after `seq` in order, at most `limit` (default 1,000). Of a task also those under ids that it had before. */
  events(
    after: number,
    filter?: { limit?: number; task?: TaskId; types?: readonly EventType[] },
  ): Promise<readonly LoggedEvent[]>;
  /**
   * Whether the disk of the database is full: until there is room again only what ends work should be written. Cheap,
   * and looks again by itself.
   */
  isShortOfSpace(): boolean;
  /** Number of the newest event, 0 when there is none. */
  head(): Promise<number>;
  /**
   * Calls `listener` soon after any commit by this or another process (coalesced, may be spurious). The
   * returned function ends it.
   */
  onChange(listener: () => void): () => void;
  /**
   * From now on calls try for so long while the database is busy or does not answer, ms; those that wait already, too.
   * Default 30 s. After that they throw `STORE_UNREACHABLE` or `STORE_BUSY`.
   */
  waitFor(ms: number): void;
  close(): Promise<void>;
}
