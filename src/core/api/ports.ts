import type { AgentRecord, SaidRecord, TurnRecord, UsageKey, UsageReport } from '../agents/history.ts';
import type { ConfigChange } from '../config/edit-config.ts';
import type { FileScope } from '../config/ports.ts';
import type { Setting } from '../config/settings.ts';
import type { ErrorFacts } from '../error-facts.ts';
import type { EventBus } from '../events/bus.ts';
import type { EventType, LoggedEvent } from '../events/event.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import type { ClaimWish, WorkAnswer } from '../outside/ports.ts';
import type { NextFilter } from '../planning/next-tasks.ts';
import type { NextAnswer } from '../planning/plan-next.ts';
import type { PlanRecord } from '../planning/ports.ts';
import type { AccountStanding } from '../resilience/breaker.ts';
import type { TaskFields } from '../roadmap/edits.ts';
import type { Roadmap, RoadmapTask } from '../roadmap/model.ts';
import type { OutlinePart } from '../roadmap/outline.ts';
import type { MessageRecord } from '../tasks/message.ts';
import type { Counts, ProjectPaused, SyncPreview } from '../tasks/ports.ts';
import type { TaskState } from '../tasks/states.ts';
import type {
  MergeRecord,
  OrchestratorRecord,
  Pause,
  QuestionRecord,
  SessionRecord,
  StepRecord,
  Task,
} from '../tasks/task.ts';
import type { FileNumbers } from '../workspaces/ports.ts';
import type { Actor } from './actor.ts';
import type {
  Delivery,
  DeliveryOutcome,
  LogFile,
  LogPiece,
  PlanPreview,
  Proposal,
  RoadmapChange,
} from './parts.ts';

/**
 * One project, as one actor reaches it: the way of every door to it, in this process or in the one that serves it.
 * Inputs are at most one object; all that goes in and comes out is plain values that JSON can carry. Who may call what
 * is in `OPERATIONS`. Every method may throw `CodewalkError` or `UsageError`.
 *
 * Both implementations (in this process, over a socket) pass one contract suite, `test/contracts/project-api.ts`.
 */
export interface ProjectApi extends ReadingApi, ChangingApi {}

/** The projects of a process that serves them to whoever reaches it from outside. */
export interface ProjectHost {
  /**
   * `root`: absolute path of the project's root; absent: the only project there is for `actor`. Throws `UsageError`
   * `UNKNOWN_PROJECT`, also for one that the actor does not reach.
   */
  open(root: string | undefined, actor: Actor): Promise<HostedProject>;
}

export interface HostedProject {
  as(actor: Actor): ProjectApi;
  /** Tells of what happens in the project. */
  bus(): Promise<EventBus>;
}

export interface ReadingApi {
  /** Everything that a first look at the project shows. Brings the store up to the roadmap file first. */
  status(): Promise<StatusSource>;
  /** In roadmap order; archived ones only when asked for by state. Brings the store up to the file first. */
  tasks(filter?: { states?: readonly TaskState[]; ids?: readonly string[] }): Promise<TaskList>;
  /** Brings the store up to the file first. Throws `UsageError` `UNKNOWN_TASK` with the nearest id. */
  task(which: TaskRef): Promise<TaskDetails>;
  /** What is next, and the hash of the plan that says so. Brings the store up to the file first. */
  next(filter?: NextFilter): Promise<NextTasks>;
  /**
   * What the task has changed, before or after its merge. `files`: only these of them; `UNKNOWN_FILE` for one that it
   * has not changed. The text is cut at `maxBytes` (default: 1 MiB; 0: no text) with a last line that says so.
   */
  diff(which: TaskRef & { files?: readonly string[]; maxBytes?: number }): Promise<TaskDiff>;
  /** Files of the wanted steps in the order they were written; of the latest attempt unless one is named. */
  logs(which: TaskRef & { attempt?: number; step?: number; raw?: boolean }): Promise<TaskLogs>;
  /** A piece of one of `logs`; no lines: there is nothing more now. See `LogFiles.read`. */
  readLog(which: TaskRef & { name: string; from: number; isOver: boolean }): Promise<LogPiece>;
  /** The last lines of one of `logs` before that byte; they begin at byte `first`. See `LogFiles.readBefore`. */
  readLogBefore(
    which: TaskRef & { name: string; before: number },
  ): Promise<LogPiece & { readonly first: number }>;
  /** Of one task; or of those begun and not done; or of all. The newest 1,000 tasks at most. */
  agents(filter?: { task?: string; all?: boolean }): Promise<readonly AgentView[]>;
  turns(which: TaskRef): Promise<readonly TurnRecord[]>;
  /** `after`: the `first` of the last part that is known, -1 for none. */
  said(which: TaskRef & { step: number; after: number }): Promise<readonly SaidRecord[]>;
  usage(filter: { by: UsageKey; limit: number; since?: number; task?: string }): Promise<UsageReport>;
  /** What is left of the budgets of the config: of today, and of every run that is at work. */
  budgets(): Promise<readonly BudgetView[]>;
  /** The config's providers, then accounts that only the store knows. */
  providers(): Promise<readonly ProviderView[]>;
  /** Oldest first; with `limit` the newest of them. */
  merges(filter?: { limit?: number }): Promise<readonly MergeRecord[]>;
  orchestrators(filter?: { lost?: boolean }): Promise<OrchestratorList>;
  /** What the roadmap file says, with what the store knows of its tasks. */
  roadmap(): Promise<RoadmapView>;
  /**
   * The initiatives, phases and plans of the roadmap file without their tasks, as they were last while the file cannot
   * be used; undefined when it never could.
   */
  outline(): Promise<readonly OutlinePart[] | undefined>;
  /** What the file says in one task. */
  definition(which: TaskRef): Promise<RoadmapTask>;
  /** What taking the roadmap file as it is now would do. Changes nothing. */
  roadmapDiff(): Promise<SyncPreview>;
  /** Plans that were proposed, the oldest first. */
  plans(filter?: { state?: PlanRecord['state'] }): Promise<readonly PlanRecord[]>;
  /** One of them, with what it would do now. Throws `UsageError` `UNKNOWN_PLAN`. */
  plan(which: PlanRef): Promise<PlanView>;
  questions(filter?: { open?: boolean; task?: string }): Promise<readonly QuestionRecord[]>;
  /**
   * Oldest first. `unreadBy`: what this one has not read yet. `of`: what was sent by or to this one. With `limit` the
   * newest of them. Addresses as in `send`.
   */
  messages(filter?: { unreadBy?: string; of?: string; limit?: number }): Promise<readonly MessageRecord[]>;
  /** After `after` in order, at most `limit` (default and most: 1,000). */
  events(after: EventsAfter & { limit?: number }): Promise<readonly LoggedEvent[]>;
  /** Every setting with its values, and where each comes from. Throws what is wrong with the files. */
  settings(): Promise<SettingsView>;
  /** What `deliver` would bring into the target now; undefined when there is no integration branch. */
  pending(to?: { target?: string }): Promise<Delivery | undefined>;
  /**
   * How the latest pull request into the target stands at the forge. One that was merged since is written down as
   * delivered. Undefined when there was none.
   */
  proposal(to?: { target?: string }): Promise<Proposal | undefined>;
  /** Number of the newest event, 0 when there is none. */
  head(): Promise<number>;
  /**
   * Batches of events after `after` in order, without gap or double, and on as they happen. When `signal` aborts, what
   * was committed before that still comes. A connection that is cut on the way is made again.
   */
  follow(after: EventsAfter, signal: AbortSignal): AsyncIterable<readonly LoggedEvent[]>;
}

export interface ChangingApi {
  /** Answers one open question; `question` may be left out when only one is open. `REFUSED` with the reason. */
  answer(given: TaskRef & { question?: string; answer: string }): Promise<Answered>;
  /**
   * Takes back a question that nobody will answer, or all open ones of a task: its agent goes on by its own judgement.
   * `REFUSED` with the reason.
   */
  withdraw(given: TaskRef & { question?: string; reason?: string }): Promise<Answered>;
  /**
   * Lets work go on that waits for an approval, or sends it back to whoever made it. `text`: what is remembered of an
   * approval, or what must change (which may be left out when there are unread comments). `commit`: only if that, or
   * what begins so, is what waits. `REFUSED` with the reason, `NO_REASON`.
   */
  review(
    given: TaskRef & { verdict: 'approved' | 'rejected'; text?: string; commit?: string },
  ): Promise<Reviewed>;
  /** Says something about a task's work, which its agent reads once. `TASK_OVER` for one that is done. */
  comment(said: TaskRef & { text: string; file?: string; line?: number }): Promise<Commented>;
  /** `to`: a task's id, `orchestrator`, `person` or `everyone`. One with an `id` that was sent is not sent again. */
  send(message: {
    id?: string;
    to: string;
    text: string;
    replyTo?: string;
    file?: string;
    line?: number;
  }): Promise<MessageRecord>;
  /** Marks messages to the person as read; those that were not come back. */
  readMessages(which: { ids: readonly string[] }): Promise<readonly MessageRecord[]>;
  /** Puts tasks that ended without success back in the queue. An unknown id stops all before anything is changed. */
  retry(which: { tasks: readonly string[] }): Promise<Commanded>;
  /** Takes tasks out of the work. An unknown id stops all before anything is changed. */
  cancel(which: { tasks: readonly string[] }): Promise<Commanded>;
  /**
   * Lets tasks rest until they are resumed: nobody claims them, and an agent at one is stopped with its work saved. An
   * unknown id stops all before anything is changed.
   */
  pauseTasks(which: { tasks: readonly string[]; reason?: string }): Promise<Commanded>;
  /** Lets paused tasks go on, in the sessions of their agents. An unknown id stops all before anything is changed. */
  resumeTasks(which: { tasks: readonly string[] }): Promise<Commanded>;
  /** Nothing is claimed any more until `resumeProject`. `now`: agents at work are stopped, and go on after it. */
  pauseProject(how?: { reason?: string; now?: boolean }): Promise<ProjectPaused>;
  resumeProject(): Promise<ProjectResumed>;
  /** Adds a one-off task for an agent, outside the roadmap. `isAtWork`: somebody is there who takes it. */
  spawnAgent(job: {
    agent: string;
    prompt: string;
    id?: string;
    files?: readonly string[];
  }): Promise<{ readonly task: TaskId; readonly isAtWork: boolean }>;
  /** Cancels a task that an agent is at; `NOT_RUNNING` when none is. */
  stopAgent(which: TaskRef): Promise<Commanded>;
  /** Asks an orchestrator to finish its turns and end. `id` may be its beginning. */
  dismiss(which: { id: string }): Promise<{ readonly id: string }>;
  /** Lets a provider account take work again. `name`: of the provider or the account. */
  resumeAccount(which: {
    name: string;
  }): Promise<{ readonly account: string; readonly before: AccountStanding }>;
  /** Writes a task into the roadmap file. Without an id it gets one made from its title. */
  addTask(task: NewTask): Promise<RoadmapChange & { readonly id: string }>;
  /** Sets and, by `null`, takes away keys of a task in the roadmap file. */
  editTask(edit: TaskRef & { fields: TaskFields; dryRun?: boolean }): Promise<RoadmapChange>;
  /** `unlink`: what depends on it depends on it no more; else such a task is a reason to refuse. */
  removeTask(which: TaskRef & { unlink?: boolean; dryRun?: boolean }): Promise<RoadmapChange>;
  renameTask(which: TaskRef & { to: string; dryRun?: boolean }): Promise<RoadmapChange>;
  /** Takes the latest of these edits back, unless the file was changed since. */
  undoEdit(how?: { dryRun?: boolean }): Promise<RoadmapChange>;
  /** Takes the roadmap file as it is now and returns what that changed. */
  syncRoadmap(): Promise<SyncPreview>;
  /** The same for a file that takes most of the open tasks away. */
  confirmRoadmap(): Promise<SyncPreview>;
  /**
   * Gives the caller a task to do itself, by its id or the next one. It has one at a time: asked again it is told of
   * that one. `work` is absent when nothing is ready. See `OutsideWork`.
   */
  claimTask(wish?: ClaimWish & OutsideSession): Promise<{ readonly work?: WorkAnswer | undefined }>;
  /** What `turn` of the claim asked for is done: it is checked and merged, or there is more to do. */
  completeTask(done: OutsideSession & { claim: string; turn: number; summary: string }): Promise<WorkAnswer>;
  failTask(given: OutsideSession & { claim: string; reason: string }): Promise<WorkAnswer>;
  /** Says that the caller is still there, every `KEEP_EVERY_MS` for a claim that is `kept`. */
  keepClaim(which: OutsideSession & { claim: string }): Promise<WorkAnswer>;
  /**
   * Asks the orchestrator's agent, or another one, for a plan: adds the task that makes it. One with the same goal that
   * was interrupted goes on instead. What comes of it is told by `plan.proposed`, or by a question of the task.
   */
  proposePlan(wish: { goal: string; agent?: string }): Promise<PlanBegun>;
  /** Writes a plan into the roadmap file. Throws a `UsageError` when the file has moved on so that it cannot be. */
  applyPlan(
    which: PlanRef & { dryRun?: boolean },
  ): Promise<RoadmapChange & { readonly added: readonly TaskId[] }>;
  /** Nobody wants it: also ends the task that makes it. */
  dropPlan(which: PlanRef): Promise<{ readonly plan: TaskId }>;
  /**
   * Changes the config files, each key in the file of its scope, if the config as a whole is valid with all of it.
   * `dryRun`: only say what would be written. `shown`: the diffs that somebody has seen; where they are others now
   * nothing is written. Throws `CONFIG_INVALID` with all problems, `CONFIG_NOT_SET`, `CONFIG_CHANGED`.
   */
  changeSettings(change: {
    changes: readonly ConfigChange[];
    dryRun?: boolean;
    shown?: readonly string[];
  }): Promise<SettingsChange>;
  /** Brings the integration branch into the target. */
  deliver(how?: { target?: string; push?: boolean; pullRequest?: boolean }): Promise<DeliveryOutcome>;
}

/** One of several programs that share a token; each has a claim of its own. */
export interface OutsideSession {
  readonly session?: string;
}

/** A task by its id, as somebody from outside wrote it. */
export interface TaskRef {
  readonly task: string;
}

/** A plan by the id of the task that makes it. */
export interface PlanRef {
  readonly plan: string;
}

export interface PlanView {
  readonly plan: PlanRecord;
  /** Absent: it was applied, or cannot be. */
  readonly preview?: Pick<PlanPreview, 'diff' | 'chain' | 'atOnce' | 'notes'>;
  /** What keeps it from being applied to the file as it is now. */
  readonly problem?: string;
}

export interface PlanBegun {
  /** The task that makes it. */
  readonly id: TaskId;
  /** It was begun before, with the same goal. */
  readonly resumed: boolean;
  /** Somebody is there who takes it. */
  readonly isAtWork: boolean;
}

export interface EventsAfter {
  readonly after: number;
  readonly task?: string;
  readonly types?: readonly EventType[];
}

/** Told with what is read: the last good plan is shown. */
export interface RoadmapWarning {
  /** What is wrong with the roadmap file. */
  readonly roadmapProblem?: ErrorFacts;
}

/** Everything that the status screen and its JSON are made from. */
export interface StatusSource extends RoadmapWarning {
  readonly project: string;
  /** Epoch ms. */
  readonly now: number;
  readonly counts: Counts;
  readonly tasks: readonly Task[];
  /** The step at work of each active task. */
  readonly steps: readonly StepRecord[];
  readonly orchestrators: readonly OrchestratorRecord[];
  /** How often an orchestrator is to be heard from. */
  readonly heartbeatMs: number;
  /** Provider accounts that something is known against. */
  readonly accounts: readonly AccountStanding[];
  /** The open ones. */
  readonly questions: readonly QuestionRecord[];
  /** No new task begins while so many wait for an approval; absent: there is no limit. */
  readonly maxWaiting?: number;
  readonly delivery: Delivery | undefined;
  /** Somebody paused the project: nothing is begun. */
  readonly paused?: Pause;
}

export interface TaskList extends RoadmapWarning {
  readonly tasks: readonly Task[];
}

export interface TaskDetails extends RoadmapWarning {
  readonly task: Task;
  readonly steps: readonly StepRecord[];
  readonly sessions: readonly SessionRecord[];
  readonly questions: readonly QuestionRecord[];
  /** To and from the task, oldest first. */
  readonly messages: readonly MessageRecord[];
  /** Finished tasks that it waited for, newest first. */
  readonly predecessors: readonly { readonly id: TaskId; readonly title: string; readonly summary: string }[];
}

export interface NextTasks extends NextAnswer, RoadmapWarning {
  /** Somebody paused the project: none of them begins. */
  readonly paused?: Pause;
}

export interface TaskDiff {
  readonly task: TaskId;
  readonly state: TaskState;
  /** 0: it has not been started yet. */
  readonly attempts: number;
  /** The commits between which it was changed; absent when it has not been started. */
  readonly from?: ObjectId;
  readonly to?: ObjectId;
  /** Unified; empty when nothing was changed. */
  readonly text: string;
  readonly files: readonly FileNumbers[];
}

export interface TaskLogs {
  readonly task: TaskId;
  readonly attempts: number;
  /** The task's work is over: its files grow no more. */
  readonly isOver: boolean;
  readonly files: readonly LogFile[];
}

export interface AgentView {
  readonly agent: AgentRecord;
  /** A command line for a person's shell that goes on with the conversation. */
  readonly byHand: string | undefined;
}

export interface BudgetView {
  readonly scope: 'run' | 'day';
  readonly limitUsd: number;
  readonly spentUsd: number;
  readonly leftUsd: number;
}

export interface ProviderView {
  readonly name: string;
  readonly type: string;
  readonly account: string;
  readonly fallback: readonly string[];
  readonly standing: AccountStanding | undefined;
}

export interface OrchestratorList {
  readonly orchestrators: readonly OrchestratorRecord[];
  /** How often one is to be heard from. */
  readonly heartbeatMs: number;
  /** Somebody paused the project: none of them begins anything. */
  readonly paused?: Pause;
}

export interface RoadmapView {
  readonly roadmap: Roadmap;
  readonly tasks: readonly Task[];
  /** What plans, phases and initiatives came to that are over: the last word on each, by its id. */
  readonly finished: Readonly<Record<string, FinishedPlan>>;
}

export interface FinishedPlan {
  readonly done: number;
  readonly total: number;
  /** What was made, as Markdown: one line a task. */
  readonly made: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface Answered {
  readonly task: TaskId;
  /** Questions of the task that are still open. */
  readonly openQuestions: number;
  /** Somebody is at work who takes it up. */
  readonly isAtWork: boolean;
}

export interface Reviewed extends Answered {
  /** Comments that the agent has not read: it does, when the work was sent back. */
  readonly unreadComments: number;
}

export interface Commented {
  readonly message: MessageRecord;
  /** The agent reads it when the work is sent back. Else at its next turn. */
  readonly waitsForApproval: boolean;
}

export interface Commanded extends RoadmapWarning {
  readonly results: readonly CommandResult[];
}

export interface ProjectResumed {
  /** The pause that ended; absent: there was none. */
  readonly was?: Pause;
  /** Tasks that can be begun. */
  readonly ready: number;
  /** Somebody is there who begins them. */
  readonly isAtWork: boolean;
}

/** What became of one task; a refusal does not hold up the others. */
export type CommandResult =
  /** `saved`: id of the saved work of a cancelled task. */
  | { readonly kind: 'done'; readonly task: TaskId; readonly saved?: string }
  | { readonly kind: 'refused'; readonly task: TaskId; readonly reason: string; readonly advice: string };

export interface NewTask {
  readonly id?: string;
  /** Keys as the file has them; `title` must be there. */
  readonly fields: TaskFields & { readonly title: string };
  /** Id of a phase, plan or initiative; absent: the end of the file's own list. */
  readonly into?: string;
  readonly dryRun?: boolean;
}

export interface SettingsView {
  /** In the order of the schema, those that nothing sets included. */
  readonly settings: readonly Setting[];
  /** The lowest first. A project in the home directory has one file for both scopes. */
  readonly files: readonly { readonly scope: FileScope; readonly path: string; readonly exists: boolean }[];
}

export interface SettingsChange {
  /** Those that change. */
  readonly files: readonly {
    readonly scope: FileScope;
    readonly path: string;
    /** Unified. */
    readonly diff: string;
  }[];
}
