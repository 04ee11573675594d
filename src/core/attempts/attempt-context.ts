import { type PermissionGrant, permissionGrants } from '../agents/permissions.ts';
import type { AT_ONCE } from '../agents/ports.ts';
import type { Workflow } from '../config/schema.ts';
import type { AttemptEvent } from '../events/event.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import { type Rejection, rejectionsOf } from '../review/approval.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import type { Claim } from '../tasks/ports.ts';
import type { QuestionRecord, SessionRecord, StaleField, StepRecord, Task } from '../tasks/task.ts';
import type { CommitMessage, Workspace } from '../workspaces/ports.ts';
import { RemoteError } from '../workspaces/remote-error.ts';
import type { Engine } from './engine.ts';
import type { Journal } from './journal.ts';
import type { CrewMember, Provision } from './ports.ts';
import { workflowOf } from './workflow-of.ts';

/** Why an attempt is told to stop. */
export type StopReason = 'stop' | 'lease-lost' | 'timeout' | typeof AT_ONCE;

/** How an attempt left the task; everything about it is in the store by then. */
export type AttemptEnd = 'done' | 'failed' | 'retried' | 'waiting' | 'released' | 'lost';

const SUBJECT_CHARS = 100;

/** What the parts of one attempt share: its lease, its worktree, and what the task has behind it. */
export class AttemptContext {
  readonly engine: Engine;
  readonly claim: Claim;
  readonly control: AbortController;
  readonly journal: Journal;
  readonly workflow: Workflow;
  readonly task: Task;
  /** Finished and interrupted steps since the last reset, oldest first. */
  readonly history: StepRecord[];
  readonly sessions: Map<string, SessionRecord>;
  lastStep: number;
  bounces: number;
  /** What the task cost so far, USD. */
  spentUsd: number;
  /** Why the work came back from the merge queue last; absent when it did not. */
  sentBack: SentBack | undefined;
  /** What became of questions that no agent was told yet; given to the agent once. */
  answers: readonly QuestionRecord[];
  /** The approvals that persons were asked for since the task last began anew, oldest first. */
  readonly approvals: readonly QuestionRecord[];
  /** What a person answered, ever in this task, when an agent asked for leave. */
  readonly grants: readonly PermissionGrant[];
  /** Set once the worktree is ready to work in. */
  provision: Provision | undefined;
  /** The task as it was read last: a person may have edited it since the claim. */
  #latest: Task;
  /** The definition that the role at work knows. */
  #toldRevision: string | undefined;
  #workspace: Workspace | undefined;
  #head: ObjectId | undefined;

  private constructor(options: {
    engine: Engine;
    claim: Claim;
    control: AbortController;
    journal: Journal;
    past: Past;
  }) {
    const { engine, claim, control, journal, past } = options;
    this.engine = engine;
    this.claim = claim;
    this.control = control;
    this.journal = journal;
    this.task = claim.claimed;
    this.#latest = claim.claimed;
    this.workflow = workflowOf(claim.definition, engine.config);
    this.history = [...past.history];
    this.lastStep = past.lastStep;
    this.spentUsd = claim.claimed.costUsd;
    this.answers = past.answers;
    this.grants = past.grants;
    this.approvals = past.approvals;
    this.sentBack = past.sentBack;
    this.sessions = new Map(past.sessions.map((session) => [session.agent, session]));
    // A person has said how the conflict is to be settled: the agent gets its tries again.
    this.bounces = past.answers.length > 0 || past.approvals.length > 0 ? 0 : claim.claimed.bounces;
  }

  /** Reads what earlier attempts left. Throws `UsageError` for names that the config does not have. */
  static async open(
    engine: Engine,
    claim: Claim,
    control: AbortController,
    journal: Journal,
  ): Promise<AttemptContext> {
    const past = claim.attempt === 1 ? NOTHING : await recall(engine, claim);
    return new AttemptContext({ engine, claim, control, journal, past });
  }

  /** When and why persons sent the work back. */
  get rejections(): readonly Rejection[] {
    return rejectionsOf(this.approvals);
  }

  get signal(): AbortSignal {
    return this.control.signal;
  }

  /** What is asked now. */
  get definition(): TaskDefinition {
    return this.#latest.definition;
  }

  get revision(): string {
    return this.#latest.revision;
  }

  /** What was edited since the agents were told, as it was read last. */
  get stale(): readonly StaleField[] {
    return this.#toldRevision === this.revision ? [] : this.#latest.stale;
  }

  /** The id that branch, worktree, logs and private homes are named by. */
  get place(): TaskId {
    return this.task.place;
  }

  /** Reads what a person may have edited meanwhile. */
  async refresh(): Promise<void> {
    this.#latest = (await this.engine.store.task(this.claim.task)) ?? this.#latest;
  }

  /** An agent that changes the work has been given the definition of this revision. */
  told(revision: string, fields: readonly string[]): void {
    const { task, attempt } = this.claim;
    this.#toldRevision = revision;
    if (fields.length > 0) this.journal.note({ type: 'task.refreshed', task, attempt, fields, revision });
  }

  get hasWorkspace(): boolean {
    return this.#workspace !== undefined;
  }

  get workspace(): Workspace {
    if (this.#workspace === undefined) throw new Error('The attempt has no worktree yet');
    return this.#workspace;
  }

  set workspace(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** The last snapshot, or where the work begins. */
  get head(): ObjectId {
    return this.#head ?? this.workspace.base;
  }

  set head(head: ObjectId) {
    this.#head = head;
  }

  member(role: string): CrewMember {
    return this.engine.crew.member(role);
  }

  /** A session is continued only with the provider that made it. */
  sessionOf(member: CrewMember): SessionRecord | undefined {
    const session = this.sessions.get(member.agent.role);
    return session?.provider === member.provider.name ? session : undefined;
  }

  /** What the last role that made something says it made. */
  workSummary(): string | undefined {
    const made = this.history.findLast(
      ({ verdict, kind }) => verdict === 'done' && kind !== 'review' && kind !== 'test',
    );
    return made?.summary ?? this.task.summary;
  }

  verifyCommand(): string | undefined {
    return this.definition.verify ?? this.engine.config.verify;
  }

  /** Variables of a project command or agent of this attempt. */
  env(): Record<string, string> {
    return {
      ...this.engine.env,
      ...this.provision?.env,
      CW_TASK_ID: this.claim.task,
      CW_ATTEMPT: String(this.claim.attempt),
      CW_WORKTREE: this.workspace.path,
    };
  }

  /** Commits what is in the worktree. True when something changed since the last snapshot. */
  async snapshot(what: string): Promise<boolean> {
    const { task, attempt } = this.claim;
    const before = this.head;
    const message = this.message(`${task}: ${this.definition.title}`, `Snapshot: ${what}.`);
    const result = await this.engine.workspaces.snapshot(this.workspace, message);
    this.#head = result.commit;
    if (result.commit === before) return false;
    const files = result.kind === 'committed' ? result.files : 0;
    this.journal.note({ type: 'task.snapshotted', task, attempt, commit: result.commit, files });
    return true;
  }

  /**
   * Waits until other hosts could go on from the last snapshot, where there are any. What does not get there stays on
   * this host, and the step's log says so.
   */
  async settle(): Promise<void> {
    if (this.#workspace === undefined) return;
    try {
      await this.engine.workspaces.settle(this.#workspace);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      const { attempt } = this.claim;
      await using log = this.engine.logs.open({ task: this.place, attempt, step: this.lastStep });
      log.text(`[notice] the last snapshot is on this host only: ${error.message}`);
    }
  }

  message(subject: string, body: string): CommitMessage {
    return {
      subject: subject.length > SUBJECT_CHARS ? `${subject.slice(0, SUBJECT_CHARS - 1)}…` : subject,
      ...(body === '' ? {} : { body }),
      trailers: { 'Codewalk-Task': this.claim.task, 'Codewalk-Attempt': String(this.claim.attempt) },
    };
  }
}

/** The newest fact about work that the merge queue did not take. */
export type SentBack = Extract<
  AttemptEvent,
  { type: 'merge.conflicted' | 'merge.refused' | 'merge.verify_failed' }
>;

interface Past {
  readonly history: readonly StepRecord[];
  readonly lastStep: number;
  readonly sessions: readonly SessionRecord[];
  readonly answers: readonly QuestionRecord[];
  readonly grants: readonly PermissionGrant[];
  readonly approvals: readonly QuestionRecord[];
  readonly sentBack: SentBack | undefined;
}

const NOTHING: Past = {
  history: [],
  lastStep: 0,
  sessions: [],
  answers: [],
  grants: [],
  approvals: [],
  sentBack: undefined,
};

async function recall({ store }: Engine, claim: Claim): Promise<Past> {
  const id = claim.task;
  const [steps, sessions, questions, facts] = await Promise.all([
    store.steps(id),
    store.sessions(id),
    store.questions({ task: id }),
    store.events(0, {
      task: id,
      types: ['task.reset', 'merge.conflicted', 'merge.refused', 'merge.verify_failed'],
    }),
  ]);
  const resetAt = facts.findLast(({ type }) => type === 'task.reset')?.at ?? 0;
  return {
    history: steps.filter(({ startedAt }) => startedAt >= resetAt),
    lastStep: steps.at(-1)?.step ?? 0,
    sessions,
    grants: permissionGrants(questions),
    approvals: questions.filter(({ kind, askedAt }) => kind === 'approval' && askedAt >= resetAt),
    sentBack: facts.findLast(
      (fact) =>
        fact.type === 'merge.conflicted' ||
        fact.type === 'merge.refused' ||
        fact.type === 'merge.verify_failed',
    ),
    answers: untoldAnswers(questions),
  };
}

/** Who withdrew a question that its own agent did not wait for. */
export const ITSELF = 'agent';

/** Questions that are over, whose agent does not know it. */
export function untoldAnswers(questions: readonly QuestionRecord[]): readonly QuestionRecord[] {
  return questions.filter(
    ({ state, told, kind, answeredBy }) =>
      (state === 'answered' || (state === 'withdrawn' && answeredBy !== ITSELF)) &&
      told === undefined &&
      kind === undefined,
  );
}
