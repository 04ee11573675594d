import type { AgentRecord, SaidRecord, TurnRecord, UsageReport } from '../../core/agents/history.ts';
import type { TurnPart } from '../../core/agents/turn.ts';
import type { AttemptEvent, EventType, LoggedEvent, NewEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { EditedPlan, NewPlan, PlanRecord } from '../../core/planning/ports.ts';
import type { AccountStanding } from '../../core/resilience/breaker.ts';
import type { Plan, TaskDefinition } from '../../core/roadmap/model.ts';
import type { MessageRecord, NewMessage } from '../../core/tasks/message.ts';
import type {
  AppendOutcome,
  ClaimResult,
  CommandOutcome,
  Counts,
  Heartbeat,
  HeldLeases,
  NamedLease,
  ProjectPaused,
  Store,
  SyncOptions,
  SyncPreview,
  SyncResult,
  TaskLease,
} from '../../core/tasks/ports.ts';
import type {
  MergeRecord,
  NewOrchestrator,
  OrchestratorRecord,
  Pause,
  QuestionRecord,
  SessionRecord,
  StepRecord,
  Task,
} from '../../core/tasks/task.ts';
import { accountsOf, changeAccount } from './accounts.ts';
import { addTask } from './add-task.ts';
import { Changes } from './changes.ts';
import { claim } from './claim.ts';
import { command } from './command.ts';
import { recordConsultation } from './consultation.ts';
import type { Engine } from './engine.ts';
import type { HeadFile } from './head-file.ts';
import { witnessOf } from './hold-to.ts';
import { logFacts, logOnce } from './log-facts.ts';
import { messagesOf, readMessages, sendMessage } from './messages.ts';
import { getMeta, setMeta } from './meta.ts';
import { acquireLease, releaseLease } from './named-leases.ts';
import {
  deregisterOrchestrator,
  dismissOrchestrator,
  fenceOrchestrator,
  forgetOrchestrators,
  hasOverdue,
  heartbeat,
  orchestratorsOf,
  reclaim,
  registerOrchestrator,
} from './orchestrators.ts';
import { pauseProject, projectPause, resumeProject } from './pauses.ts';
import { amendPlan, keepPlan, plansOf, settlePlan } from './plans.ts';
import { appendToAttempt } from './projections/record.ts';
import { agentsOf } from './read-agents.ts';
import { eventsOf, processesOf, questionsOf, sessionsOf, stepsOf } from './read-records.ts';
import { countsOf, isAnyActive, mergesOf, predecessorsOf, taskOf, tasksOf } from './read-tasks.ts';
import { saidIn, turnsOf } from './read-turns.ts';
import { usageOf } from './read-usage.ts';
import { retried } from './retried.ts';
import { planRetry } from './retries.ts';
import type { Session } from './session.ts';
import { spentSince } from './spending.ts';
import { headOf } from './stream.ts';
import { sync, syncPreview } from './sync.ts';
import { Writer } from './writer.ts';

const READS_PER_TURN = 32;

/** The store of one project on either engine: each method is one transaction of typed queries. */
export class SqlStore implements Store {
  readonly location: string;
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #writer: Writer;
  readonly #changes: Changes;
  readonly #headFile: HeadFile | undefined;
  #reads = 0;

  /** `headFile` is told of every commit; the store ends it. */
  constructor(engine: Engine, session: Session, headFile: HeadFile | undefined) {
    this.location = engine.location;
    this.#engine = engine;
    this.#session = session;
    this.#headFile = headFile;
    this.#changes = new Changes(engine, session.project, headFile);
    this.#writer = new Writer(engine, session.project, {
      witness: witnessOf(engine, session, headFile),
      onChange: (head) => {
        headFile?.note(head);
        this.#changes.committed();
      },
    });
  }

  // ── definitions ──

  sync(plan: Plan, source: { path: string; hash: string }, options: SyncOptions = {}): Promise<SyncResult> {
    return this.#writer.write((tx) => sync(tx, plan, source, options));
  }

  diff(plan: Plan, options: SyncOptions = {}): Promise<SyncPreview> {
    return this.#read((session) => syncPreview(session, plan, options));
  }

  addTask(definition: TaskDefinition, by: string): Promise<'added' | 'exists'> {
    return this.#writer.write((tx) => addTask(tx, definition, by));
  }

  keepPlan(plan: NewPlan): Promise<void> {
    return this.#writer.write((tx) => keepPlan(tx, plan));
  }

  amendPlan(id: TaskId, edited: EditedPlan): Promise<void> {
    return this.#writer.write((tx) => amendPlan(tx, id, edited));
  }

  settlePlan(id: TaskId, how: Parameters<Store['settlePlan']>[1]): Promise<boolean> {
    return this.#writer.write((tx) => settlePlan(tx, id, how));
  }

  plans(filter?: Parameters<Store['plans']>[0]): Promise<readonly PlanRecord[]> {
    return this.#read((session) => plansOf(session, filter));
  }

  getMeta(key: string): Promise<string | undefined> {
    return this.#read((session) => getMeta(session, key));
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#writer.write((tx) => setMeta(tx, key, value));
  }

  // ── orchestrators ──

  register(orchestrator: NewOrchestrator, leaseMs?: number): Promise<void> {
    return this.#writer.write((tx) => registerOrchestrator(tx, orchestrator, leaseMs));
  }

  heartbeat(id: string, held: HeldLeases): Promise<Heartbeat> {
    return this.#writer.write((tx) => heartbeat(tx, id, held));
  }

  deregister(id: string, reason: string): Promise<void> {
    return this.#writer.write((tx) => deregisterOrchestrator(tx, id, reason));
  }

  fence(id: string, fenced: Parameters<Store['fence']>[1]): Promise<void> {
    return this.#writer.write((tx) => fenceOrchestrator(tx, id, fenced));
  }

  async reclaim(dead: readonly string[], spared: readonly string[] = []): Promise<readonly TaskId[]> {
    if (dead.length === 0 && !(await this.#read(hasOverdue))) return [];
    return await this.#writer.write((tx) => reclaim(tx, dead, spared));
  }

  forget(ids: readonly string[]): Promise<void> {
    return this.#writer.write((tx) => forgetOrchestrators(tx, ids));
  }

  dismiss(id: string, by: string): Promise<boolean> {
    return this.#writer.write((tx) => dismissOrchestrator(tx, id, by));
  }

  orchestrators(filter?: { lost?: boolean }): Promise<readonly OrchestratorRecord[]> {
    return this.#read((session) => orchestratorsOf(session, filter));
  }

  // ── dispatch ──

  claim(request: Parameters<Store['claim']>[0]): Promise<ClaimResult> {
    return retried(this.#engine, () => claim(this.#session, this.#writer, request));
  }

  append(
    lease: TaskLease,
    events: readonly AttemptEvent[],
    turns: readonly TurnPart[] = [],
  ): Promise<AppendOutcome> {
    return this.#writer.write(
      (tx) => appendToAttempt(tx, lease, events, turns),
      (tx) => tx.ahead.askForSubject(tx, lease.task),
    );
  }

  log(events: readonly Exclude<NewEvent, AttemptEvent>[]): Promise<number> {
    return this.#writer.write((tx) => logFacts(tx, events));
  }

  logOnce(mark: { key: string; value: string }, events: Parameters<Store['log']>[0]): Promise<boolean> {
    return this.#writer.write((tx) => logOnce(tx, mark, events));
  }

  command(task: TaskId, decide: Parameters<Store['command']>[1]): Promise<CommandOutcome> {
    return this.#writer.write((tx) => command(tx, task, decide));
  }

  consulted(turn: Parameters<Store['consulted']>[0]): Promise<void> {
    return this.#writer.write((tx) => recordConsultation(tx, turn));
  }

  send(message: NewMessage): Promise<MessageRecord | 'unknown-task'> {
    return this.#writer.write((tx) => sendMessage(tx, message));
  }

  readMessages(reader: string, ids: readonly string[]): Promise<readonly MessageRecord[]> {
    return this.#writer.write((tx) => readMessages(tx, reader, ids));
  }

  acquire(
    name: string,
    owner: string,
    leaseMs: number,
  ): Promise<NamedLease | { heldBy: string; until: number }> {
    return this.#writer.write((tx) => acquireLease(tx, name, owner, leaseMs));
  }

  release(lease: NamedLease, owner: string): Promise<void> {
    return this.#writer.write((tx) => releaseLease(tx, lease, owner));
  }

  // ── pauses of the whole project ──

  pauseProject(pause: Parameters<Store['pauseProject']>[0]): Promise<ProjectPaused> {
    return this.#writer.write((tx) => pauseProject(tx, pause));
  }

  resumeProject(by: string): Promise<Pause | undefined> {
    return this.#writer.write((tx) => resumeProject(tx, by));
  }

  pause(): Promise<Pause | undefined> {
    return this.#read(projectPause);
  }

  // ── provider accounts, retries and money ──

  accounts(): Promise<readonly AccountStanding[]> {
    return this.#read(accountsOf);
  }

  changeAccount(account: string, change: Parameters<Store['changeAccount']>[1]): Promise<AccountStanding> {
    return this.#writer.write((tx) => changeAccount(tx, account, change));
  }

  planRetry(delayMs: number, perMinute: number): Promise<number> {
    return this.#writer.write((tx) => planRetry(tx, delayMs, perMinute));
  }

  spent(since?: number): Promise<number> {
    return this.#read((session) => spentSince(session, since));
  }

  // ── reading ──

  task(id: TaskId): Promise<Task | undefined> {
    return this.#read((session) => taskOf(session, id));
  }

  tasks(filter?: Parameters<Store['tasks']>[0]): Promise<readonly Task[]> {
    return this.#read((session) => tasksOf(session, filter));
  }

  predecessors(task: TaskId): Promise<readonly { id: TaskId; title: string; summary: string }[]> {
    return this.#read((session) => predecessorsOf(session, task));
  }

  isAnyActive(): Promise<boolean> {
    return this.#read(isAnyActive);
  }

  counts(): Promise<Counts> {
    return this.#read(countsOf);
  }

  steps(task: TaskId): Promise<readonly StepRecord[]> {
    return this.#read((session) => stepsOf(session, task));
  }

  sessions(task: TaskId): Promise<readonly SessionRecord[]> {
    return this.#read((session) => sessionsOf(session, task));
  }

  turns(task: TaskId): Promise<readonly TurnRecord[]> {
    return this.#read((session) => turnsOf(session, task));
  }

  said(turn: { task: TaskId; step: number; after: number }): Promise<readonly SaidRecord[]> {
    return this.#read((session) => saidIn(session, turn));
  }

  agents(filter: Parameters<Store['agents']>[0]): Promise<readonly AgentRecord[]> {
    return this.#read((session) => agentsOf(session, filter));
  }

  usage(filter: Parameters<Store['usage']>[0]): Promise<UsageReport> {
    return this.#read((session) => usageOf(session, filter));
  }

  questions(filter?: { open?: boolean; task?: TaskId }): Promise<readonly QuestionRecord[]> {
    return this.#read((session) => questionsOf(session, filter));
  }

  messages(filter?: Parameters<Store['messages']>[0]): Promise<readonly MessageRecord[]> {
    return this.#read((session) => messagesOf(session, filter));
  }

  merges(filter: { limit?: number } = {}): Promise<readonly MergeRecord[]> {
    return this.#read((session) => mergesOf(session, filter));
  }

  processes(): ReturnType<Store['processes']> {
    return this.#read(processesOf);
  }

  events(
    after: number,
    filter?: { limit?: number; task?: TaskId; types?: readonly EventType[] },
  ): Promise<readonly LoggedEvent[]> {
    return this.#read((session) => eventsOf(session, after, filter));
  }

  isShortOfSpace(): boolean {
    return this.#engine.room.isShort();
  }

  head(): Promise<number> {
    return this.#read(headOf);
  }

  onChange(listener: () => void): () => void {
    return this.#changes.listen(listener);
  }

  waitFor(ms: number): void {
    this.#engine.patience.ms = ms;
  }

  /** Finishes what waits to be written, then lets go of the database. */
  async close(): Promise<void> {
    this.#changes.close();
    await this.#writer.idle();
    this.#headFile?.[Symbol.dispose]();
    await this.#engine[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#reads += 1;
    // SQLite answers without a turn of the event loop: a caller that only reads would stop timers and sockets.
    if (this.#reads % READS_PER_TURN === 0) await this.#engine.pace.turn();
    return await retried(this.#engine, () => work(this.#session));
  }
}
