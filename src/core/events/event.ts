import type { OutcomeKind, Question } from '../agents/outcome.ts';
import type { ProcessIdentity, SandboxMode, SessionTotals, Usage } from '../agents/ports.ts';
import type { AgentEnd } from '../agents/turn.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import type { SyncReason } from '../syncing/ports.ts';

/** How finished work enters the integration branch. */
export const MERGE_STRATEGIES = ['merge', 'squash', 'rebase', 'fast-forward'] as const;
export type MergeStrategy = (typeof MERGE_STRATEGIES)[number];

/** Where a step stands: its place in the workflow, and how often work came back from a rejection. */
export interface StepRef {
  /** Rises with every step the task ever started, from 1; names the log files. */
  readonly step: number;
  /** Index into the workflow's steps. */
  readonly index: number;
  readonly agent: string;
  /** 1 for the first pass, then one more for each rejection or bounce. */
  readonly round: number;
}

/** Facts about one task while an orchestrator holds its lease: each is refused when the fence is old. */
export type AttemptEvent =
  | {
      type: 'task.started';
      task: TaskId;
      attempt: number;
      branch: string;
      worktree: string;
      base: ObjectId;
      resumed: boolean;
    }
  /** The worktree is ready to work in. */
  | {
      type: 'worktree.prepared';
      task: TaskId;
      attempt: number;
      seeded: readonly string[];
      setupMs: number;
    }
  | ({
      type: 'step.started';
      task: TaskId;
      attempt: number;
      provider: string;
      /** Whose limits the provider shares. */
      account: string;
      /** Absent: the CLI's own choice. */
      model?: string;
      kind: StepKind;
    } & StepRef)
  | {
      type: 'agent.started';
      task: TaskId;
      attempt: number;
      step: number;
      process: ProcessIdentity;
      sandbox: SandboxMode;
      /** It continues a conversation. */
      resumed: boolean;
    }
  /** An agent's turn is over; `reason` is one line and empty where there is nothing to explain. */
  | {
      type: 'agent.ended';
      task: TaskId;
      attempt: number;
      step: number;
      agent: string;
      how: AgentEnd;
      reason: string;
    }
  | {
      type: 'agent.session';
      task: TaskId;
      attempt: number;
      step: number;
      agent: string;
      provider: string;
      session: string;
    }
  /** A bounded piece of what the agent printed; the whole is in the log files. */
  | {
      type: 'agent.output';
      task: TaskId;
      attempt: number;
      step: number;
      lines: readonly string[];
      dropped: number;
    }
  | {
      type: 'agent.usage';
      task: TaskId;
      attempt: number;
      step: number;
      agent: string;
      provider: string;
      usage: Usage;
      totals: SessionTotals;
    }
  | { type: 'agent.retrying'; task: TaskId; attempt: number; step: number; reason: string; delayMs: number }
  | ({
      type: 'step.finished';
      task: TaskId;
      attempt: number;
      outcome: OutcomeKind;
      verdict: 'done' | 'rejected' | 'questions' | 'error';
      summary: string;
      durationMs: number;
      /** Ids of questions of which its agent was told what became of them. */
      told?: readonly string[];
    } & StepRef)
  /** What the agent left in the worktree is now a commit. */
  | { type: 'task.snapshotted'; task: TaskId; attempt: number; commit: ObjectId; files: number }
  /** The attempt ends here, and the task goes on when everything that it asked is answered. */
  | { type: 'task.asked'; task: TaskId; attempt: number; step: number; questions: readonly Question[] }
  /** Asked by an agent at work, which waits while others go on. `stage`: who is to answer first. */
  | {
      type: 'question.asked';
      task: TaskId;
      attempt: number;
      step: number;
      questions: readonly Question[];
      stage: QuestionStage;
    }
  /** How far an agent at work says it is. `percent` is its own estimate. */
  | { type: 'agent.reported'; task: TaskId; attempt: number; step: number; text: string; percent?: number }
  | {
      type: 'merge.queued';
      task: TaskId;
      attempt: number;
      head: ObjectId;
      files: number;
      insertions: number;
      deletions: number;
    }
  | {
      type: 'merge.started';
      task: TaskId;
      attempt: number;
      head: ObjectId;
      onto: ObjectId;
      strategy: MergeStrategy;
    }
  | {
      type: 'merge.verified';
      task: TaskId;
      attempt: number;
      command: string;
      tree: ObjectId;
      durationMs: number;
    }
  | {
      type: 'merge.verify_failed';
      task: TaskId;
      attempt: number;
      command: string;
      exitCode: number;
      output: string;
      bounce: number;
    }
  /** The work would bring in links out of the project, or repositories of others. */
  | {
      type: 'merge.refused';
      task: TaskId;
      attempt: number;
      files: readonly string[];
      reason: string;
      bounce: number;
    }
  | {
      type: 'merge.conflicted';
      task: TaskId;
      attempt: number;
      files: readonly string[];
      others: readonly TaskId[];
      bounce: number;
    }
  /** The merge commit exists and is about to become the head of the integration branch. */
  | {
      type: 'merge.intended';
      task: TaskId;
      attempt: number;
      branch: string;
      expected: ObjectId;
      commit: ObjectId;
    }
  | {
      type: 'merge.done';
      task: TaskId;
      attempt: number;
      branch: string;
      commit: ObjectId;
      strategy: MergeStrategy;
      recovered: boolean;
    }
  | { type: 'task.done'; task: TaskId; attempt: number; commit: ObjectId | undefined; summary: string }
  /** The attempt failed; another one may follow at `retryAt` (epoch ms). */
  | {
      type: 'task.retried';
      task: TaskId;
      attempt: number;
      outcome: OutcomeKind;
      reason: string;
      retryAt: number;
      failures: number;
      /** Whose step comes next, where it is known. */
      role?: string;
    }
  | {
      type: 'task.failed';
      task: TaskId;
      attempt: number;
      outcome: OutcomeKind | 'merge' | 'workspace' | 'workflow';
      reason: string;
    }
  /** The agent was given the newer definition of its task. */
  | {
      type: 'task.refreshed';
      task: TaskId;
      attempt: number;
      fields: readonly string[];
      /** Of the definition that it was given; an edit that came meanwhile is another one. */
      revision: string;
    }
  /** The attempt was given back unharmed: stop, lost lease, crash. It does not count against the task. */
  /** Not its failure: another attempt follows when one can begin. `role`: whose step comes next, where it is known. */
  | { type: 'task.released'; task: TaskId; attempt: number; reason: string; role?: string };

/**
 * What a step is for. `fix`: a reviewer or tester sent the work back. `conflict` and `repair`: the merge queue did,
 * because it conflicts or because its check fails on the merged tree. `edited`: the task changed after its last turn.
 */
export type StepKind =
  | 'work'
  | 'review'
  | 'test'
  | 'fix'
  | 'conflict'
  | 'repair'
  | 'answer'
  | 'resume'
  | 'edited';

/** Facts that the store derives or a person causes. */
export type TaskEvent =
  /** A one-off task that is not in the roadmap. */
  | { type: 'task.added'; task: TaskId; title: string; by: string }
  | { type: 'task.claimed'; task: TaskId; attempt: number; fence: number; orchestrator: string }
  | { type: 'task.blocked'; task: TaskId; by: TaskId }
  | { type: 'task.unblocked'; task: TaskId }
  | { type: 'task.skipped'; task: TaskId; reason: string }
  | { type: 'task.cancelled'; task: TaskId; by: string }
  | { type: 'task.reset'; task: TaskId; by: string }
  /** Nobody begins it or goes on with it until `task.resumed`; who was at it is stopped. `reason` may be empty. */
  | { type: 'task.paused'; task: TaskId; by: string; reason: string }
  | { type: 'task.resumed'; task: TaskId; by: string }
  | { type: 'task.answered'; task: TaskId; question: string; answer: string; by: string }
  /** The orchestrator's agent leaves it to a person. */
  | { type: 'question.escalated'; task: TaskId; question: string; reason: string }
  /** Nobody will answer it: the asker goes on by its own judgement. */
  | { type: 'question.withdrawn'; task: TaskId; question: string; by: string; reason: string }
  | { type: 'task.archived'; task: TaskId; reason: string }
  /** Its definition was edited. `stale`: it was at work by the old one; its agent is told at its next turn. */
  | { type: 'task.edited'; task: TaskId; fields: readonly string[]; stale: boolean }
  /** The roadmap gives it a new id; all that it was goes on under that. */
  | { type: 'task.renamed'; task: TaskId; from: TaskId };

export type RunEvent =
  | {
      type: 'orchestrator.started';
      orchestrator: string;
      host: string;
      pid: number;
      version: string;
      maxAgents: number;
    }
  | { type: 'orchestrator.stopped'; orchestrator: string; reason: string }
  | { type: 'orchestrator.lost'; orchestrator: string; tasks: readonly TaskId[] }
  /** Somebody asked it to finish its turns and end. */
  | { type: 'orchestrator.dismissed'; orchestrator: string; by: string }
  /** It could not renew its leases in time and stopped its own work. */
  | { type: 'orchestrator.fenced'; orchestrator: string; reason: string; tasks: readonly TaskId[] }
  /** Somebody who lost the task tried to write about it; nothing of that was taken. `heldFence`: whose it is now. */
  | {
      type: 'write.refused';
      task: TaskId;
      attempt: number;
      fence: number;
      heldFence: number;
      facts: readonly string[];
    }
  | {
      type: 'roadmap.synced';
      path: string;
      added: readonly TaskId[];
      changed: readonly TaskId[];
      removed: readonly TaskId[];
      /** Tasks that go on under a new id; in none of the other lists. */
      renamed: readonly { readonly from: TaskId; readonly to: TaskId }[];
      total: number;
      /** Tasks of the plan that are not over yet. */
      open: number;
      reason: SyncReason;
      /** Tasks in none of these lists stand elsewhere in the order now, or wait for something else. */
      others?: true;
      /** How many more agents the orchestrator that read it could start at once. */
      idleAgents?: number;
    }
  /** An orchestrator reads the roadmap whenever it changes, from here to `roadmap.unfollowed`. */
  | { type: 'roadmap.followed'; path: string; orchestrator: string; mode: 'watch' | 'poll' }
  | { type: 'roadmap.unfollowed'; path: string; orchestrator: string }
  /**
   * The file cannot be used; the last good plan stays. Once for each content of the file. One that cannot be read has
   * no hash and no place: `line` and `col` are 0.
   */
  | {
      type: 'roadmap.rejected';
      path: string;
      hash: string;
      line: number;
      col: number;
      message: string;
      advice: string;
      problems: number;
    }
  /** The file takes most of the open tasks away; nothing happens before somebody confirms it. */
  | { type: 'roadmap.held'; path: string; hash: string; removed: readonly TaskId[]; open: number }
  | { type: 'roadmap.confirmed'; path: string; hash: string; by: string }
  /** `provider` is the account: it takes no work until then. */
  | { type: 'provider.limited'; provider: string; until: number; reason: string }
  /** It failed so often in a row that it is cut off until `until` (epoch ms); then one task may try it. */
  | {
      type: 'provider.opened';
      provider: string;
      cause: 'failing' | 'auth' | 'billing';
      until: number;
      failures: number;
      reason: string;
    }
  | { type: 'provider.closed'; provider: string }
  /** A budget of the config is spent: nothing more is started until `until` (epoch ms), or until it is raised. */
  | {
      type: 'budget.reached';
      scope: 'run' | 'day';
      limitUsd: number;
      spentUsd: number;
      until: number | undefined;
    }
  /** Saved work was brought back: `commit` is on `branch` now. */
  | { type: 'work.restored'; task: TaskId; saved: string; commit: ObjectId; branch: string }
  /** The disk of the store is full: nothing new begins, and what was at work is given back. */
  | { type: 'store.full'; place: string }
  | { type: 'store.freed'; place: string }
  /** A backup of `events` events became the state. `upTo`: events after it that were seen before count no more. */
  | { type: 'store.restored'; file: string; events: number; upTo: number; by: string }
  /** A person decided to go on without events that were lost. `upTo`: the newest that was seen before. */
  | { type: 'log.accepted'; lost: number; upTo: number; by: string }
  | { type: 'delivery.done'; branch: string; target: string; commit: ObjectId; tasks: readonly TaskId[] }
  | { type: 'delivery.refused'; branch: string; target: string; reason: string }
  /** The integration branch waits in a pull request of the project's forge. */
  | {
      type: 'delivery.proposed';
      branch: string;
      target: string;
      commit: ObjectId;
      number: number;
      url: string;
      tasks: readonly TaskId[];
    }
  /**
   * The orchestrator's agent was asked about open questions, as `<task>/<question>`. What it says to each is a fact of
   * its own; `reason` is why it said nothing.
   */
  | {
      type: 'agent.consulted';
      agent: string;
      provider: string;
      /** Absent in older logs: it was the provider's own name. */
      account?: string;
      model?: string;
      questions: readonly string[];
      how: AgentEnd;
      reason: string;
      usage: Usage;
      durationMs: number;
    }
  /** `from` and `to`: `person`, `orchestrator`, `task:<id>`, `client:<name>`; `to` also `everyone`. */
  | {
      type: 'message.sent';
      message: string;
      from: string;
      to: string;
      text: string;
      replyTo?: string;
      /** The place in a task's work that it is about. */
      file?: string;
      line?: number;
    }
  | { type: 'message.read'; messages: readonly string[]; by: string }
  /** The orchestrator's agent made a plan; nothing has changed by that yet. `serial`: it says so is better. */
  | { type: 'plan.proposed'; plan: string; goal: string; tasks: number; serial: boolean }
  | { type: 'plan.applied'; plan: string; added: readonly TaskId[]; by: string }
  | { type: 'plan.dropped'; plan: string; by: string }
  /** All of a plan, phase or initiative is over; `made` is its summary. */
  | {
      type: 'plan.finished';
      container: string;
      level: 'plan' | 'phase' | 'initiative';
      title: string;
      done: number;
      total: number;
      made: string;
    }
  | { type: 'server.started'; server: string; pid: number; version: string }
  | { type: 'server.stopped'; server: string; reason: string }
  /** The inbox and the plan are kept as files, from here to `files.unfollowed`. */
  | { type: 'files.followed'; directory: string }
  | { type: 'files.unfollowed'; directory: string }
  /** A person and Codewalk changed it at once: what the person wrote is in `kept`. */
  | { type: 'files.conflicted'; file: string; kept: string }
  | { type: 'files.rejected'; file: string; line: number; col: number; message: string; advice: string }
  /** Somebody outside was not told of an event, after so many tries. */
  | { type: 'notice.undelivered'; to: string; event: number; reason: string; tries: number }
  /** Nothing of the project is begun until `project.resumed`. `stopped`: tasks that were taken from their agents for it. */
  | { type: 'project.paused'; by: string; reason: string; stopped: readonly TaskId[] }
  | { type: 'project.resumed'; by: string };

/** Who is to answer a question now. */
export type QuestionStage = 'orchestrator' | 'person';

/** Facts in the log: past tense, dotted. */
export type NewEvent = AttemptEvent | TaskEvent | RunEvent;

/** An event as the log holds it. `seq` is gapless and in commit order; `at` is epoch ms on the database's clock. */
export type LoggedEvent = { readonly seq: number; readonly at: number } & NewEvent;

export type EventType = NewEvent['type'];
