import type { StatementSync } from 'node:sqlite';
import type { NewEvent } from '../src/core/events/event.ts';
import type { TaskDefinition } from '../src/core/roadmap/model.ts';
import { ACTIVE_STATES, type TaskState } from '../src/core/tasks/states.ts';
import type { AgentWatch } from './agents.ts';
import type { Database } from './database.ts';
import { QuestionBook } from './question-book.ts';
import type { SimRepository } from './repository.ts';
import type { Trace } from './trace.ts';

/** Something that must never be true, is. */
export class Violation extends Error {
  /** Which of the invariants. */
  readonly invariant: string;

  constructor(invariant: string, what: string) {
    super(what);
    this.invariant = invariant;
  }
}

/** A task as the log tells it. */
interface Told {
  state: TaskState;
  attempts: number;
  fence: number;
  /** Whose the live attempt is; absent: there is none. */
  owner: string | undefined;
  /** Failed attempts since the last reset. */
  failures: number;
  /** Dependents may count it as finished; never goes back. */
  isSatisfied: boolean;
  timesDone: number;
  mergedAs: string | undefined;
  intent: string | undefined;
  /** A person lets it rest. */
  isPaused: boolean;
}

interface Row {
  readonly id: string;
  readonly state: TaskState;
  readonly owner: string | null;
  readonly fence: number;
  readonly attempts: number;
  readonly files: string;
  readonly needs: string;
  readonly definition: string;
  readonly paused_at: number | null;
}

const APPROVALS =
  "select answer, approves from questions where task = ? and kind = 'approval' and state = 'answered' order by ordinal";
const HEAD = 'select head from stream';
const EVENTS = 'select seq, at, task, body from events where seq > ? order by seq';
const TASK =
  'select id, state, owner, fence, attempts, files, needs, definition, paused_at from tasks where id = ?';

/** A process works under its own name first, and under one with a number after each loss of its leases. */
export function machineOf(orchestrator: string): string {
  return orchestrator.split('.')[0] ?? orchestrator;
}

/** Facts about an attempt that end it. */
const ENDS = new Set(['task.done', 'task.failed', 'task.retried', 'task.released', 'task.asked']);

/**
 * Looks at the world after every step and throws a `Violation` as soon as one of its rules is broken. It reads the
 * log, keeps its own account of every task from it, and compares that with the tables and the repository.
 */
export class Referee implements AgentWatch {
  readonly #database: Database;
  readonly #repository: SimRepository;
  readonly #trace: Trace;
  readonly #present = new Set<string>();
  readonly #maxAgents = new Map<string, number>();
  readonly #tasks = new Map<string, Told>();
  /** `task#attempt` to the orchestrator that claimed it. */
  readonly #claims = new Map<string, string>();
  /** `task#attempt` to the last event about it. */
  readonly #endings = new Map<string, number>();
  readonly #agents = new Map<string, Map<string, number>>();
  /** How many agents of an orchestrator wait for an answer, and whether one looks for answers. */
  readonly #waiting = new Map<string, number>();
  readonly #advising = new Set<string>();
  readonly #questions = new QuestionBook();
  /** `message reader` of all that was read. */
  readonly #read = new Set<string>();
  readonly #mergedTasks = new Map<string, string>();
  readonly #maxAttempts: number;
  /** The whole project. */
  #isPaused = false;
  #violation: Violation | undefined;
  #seen = 0;
  #lineSeen = 1;
  #claimsMade = 0;
  /** Turns that ran while another one of the same task did: a frozen orchestrator's agent goes on. */
  overlaps = 0;

  constructor(options: {
    database: Database;
    repository: SimRepository;
    trace: Trace;
    maxAttempts: number;
  }) {
    this.#database = options.database;
    this.#repository = options.repository;
    this.#trace = options.trace;
    this.#maxAttempts = options.maxAttempts;
  }

  get claims(): number {
    return this.#claimsMade;
  }

  get merges(): number {
    return this.#mergedTasks.size;
  }

  get events(): number {
    return this.#seen;
  }

  /** The first rule that was found broken. Kept, because what it is thrown through may catch it. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  #found(invariant: string, what: string): never {
    this.#violation ??= new Violation(invariant, what);
    throw this.#violation;
  }

  /** Somebody begins to work under a name that nobody had before. */
  joined(orchestrator: string, maxAgents: number): void {
    this.#maxAgents.set(orchestrator, maxAgents);
    this.#present.add(orchestrator);
  }

  /** Its work is over, and with it that of its agents. */
  left(orchestrator: string): void {
    this.#agents.delete(orchestrator);
    this.#waiting.delete(orchestrator);
    this.#advising.delete(orchestrator);
    this.#present.delete(orchestrator);
  }

  /** The process is gone, under whatever name it worked. */
  died(machine: string): void {
    for (const name of [...this.#present]) if (machineOf(name) === machine) this.left(name);
  }

  // ── agents ──

  started(orchestrator: string, task: string, attempt: number): void {
    const key = `${task}#${attempt}`;
    if (this.#claims.get(key) !== orchestrator) {
      this.#found('no agent without a claim', `${orchestrator} started an agent on ${key} unclaimed`);
    }
    for (const [other, turns] of this.#agents) {
      for (const running of turns.keys()) {
        if (!running.startsWith(`${task}#`)) continue;
        this.overlaps += 1;
        if (other === orchestrator) {
          this.#found('one agent a task', `${orchestrator} runs agents on ${running} and ${key} at once`);
        }
      }
    }
    const turns = this.#agents.get(orchestrator) ?? new Map<string, number>();
    turns.set(key, (turns.get(key) ?? 0) + 1);
    this.#agents.set(orchestrator, turns);
    const most = this.#maxAgents.get(orchestrator) ?? 0;
    if (turns.size > most) {
      this.#found('never above maxAgents', `${orchestrator} runs ${turns.size} agents of ${most}`);
    }
  }

  ended(orchestrator: string, task: string, attempt: number): void {
    this.#agents.get(orchestrator)?.delete(`${task}#${attempt}`);
  }

  waits(orchestrator: string, isWaiting: boolean): void {
    this.#waiting.set(orchestrator, (this.#waiting.get(orchestrator) ?? 0) + (isWaiting ? 1 : -1));
  }

  advises(orchestrator: string, isAtWork: boolean): void {
    if (!isAtWork) {
      this.#advising.delete(orchestrator);
      return;
    }
    if (this.#advising.has(orchestrator)) {
      this.#found('one adviser', `${orchestrator} runs two orchestrator agents at once`);
    }
    this.#advising.add(orchestrator);
    const [running, waiting] = [
      this.#agents.get(orchestrator)?.size ?? 0,
      this.#waiting.get(orchestrator) ?? 0,
    ];
    const most = this.#maxAgents.get(orchestrator) ?? 0;
    if (running - waiting + 1 > most) {
      this.#found(
        'never above maxAgents',
        `${orchestrator} advises beside ${running} agents of ${most}, of which ${waiting} wait`,
      );
    }
  }

  /** A write about an attempt was answered with this number: the log has it, from while that attempt was the newest. */
  acknowledged(task: string, attempt: number, seq: number): void {
    this.check();
    const key = `${task}#${attempt}`;
    const endedAt = this.#endings.get(key);
    if (endedAt !== undefined && this.#wrote(task, endedAt, seq)) {
      this.#found(
        'only the newest attempt writes',
        `${key} ended with event ${endedAt} and wrote event ${seq}`,
      );
    }
    const row = this.#query('select task from events where seq = ?').get(seq);
    if (row === undefined) {
      this.#found('what is acknowledged is kept', `A write about ${task} was event ${seq}, which is gone`);
    }
  }

  /** Is there anything about an attempt of the task behind `after`, up to `seq`, and not just what followed from it? */
  #wrote(task: string, after: number, seq: number): boolean {
    const rows = this.#query('select body from events where task = ? and seq > ? and seq <= ?');
    return rows.all(task, after, seq).some((row) => 'attempt' in JSON.parse(String(row['body'])));
  }

  // ── the log and the repository ──

  /** Everything that is cheap to look at; after every step. */
  check(): void {
    if (this.#database.raw.isTransaction) {
      this.#found('a transaction is a whole', 'A transaction is open between two steps');
    }
    const head = Number(this.#query(HEAD).get()?.['head'] ?? 0);
    if (head !== this.#seen) this.#readLog(head);
    const { line } = this.#repository;
    while (this.#lineSeen < line.length) {
      const entry = line[this.#lineSeen];
      this.#lineSeen += 1;
      if (entry === undefined) continue;
      this.#sawMerge(entry.task ?? '', entry.commit, entry.by);
      this.#mayMerge(entry.task ?? '', entry.work);
    }
  }

  /** Work that needs an approval is merged as a person approved it, and did not send it back later. */
  #mayMerge(task: string, work: string | undefined): void {
    const definition = String(
      this.#query('select definition from tasks where id = ?').get(task)?.['definition'],
    );
    if ((JSON.parse(definition) as { approve?: true }).approve !== true) return;
    const given = this.#query(APPROVALS).all(task);
    const said = given.map((row) => [String(row['answer']), JSON.parse(String(row['approves'])).changes]);
    const rejectedAt = said.findLastIndex(([answer]) => answer?.startsWith('reject'));
    const isApproved = said.slice(rejectedAt + 1).some(([, changes]) => changes === work);
    if (!isApproved) {
      this.#found(
        'only approved work is merged',
        `${task} was merged with ${work}; said was ${said.join('; ')}`,
      );
    }
  }

  #readLog(head: number): void {
    const touched = new Set<string>();
    let isSynced = false;
    const claimed: { task: string; owner: string }[] = [];
    for (const row of this.#query(EVENTS).all(this.#seen)) {
      const seq = Number(row['seq']);
      if (seq !== this.#seen + 1) {
        this.#found('the log has no gap', `After event ${this.#seen} comes ${seq}`);
      }
      this.#seen = seq;
      const body = String(row['body']);
      this.#trace.note(`  #${seq} ${row['at']} ${body}`);
      const event = JSON.parse(body) as NewEvent;
      if (event.type === 'roadmap.synced') {
        isSynced = true;
        for (const id of [...event.added, ...event.changed, ...event.removed]) touched.add(id);
        for (const { from, to } of event.renamed) this.#renamed(from, to);
        continue;
      }
      if (event.type === 'project.paused') this.#isPaused = true;
      if (event.type === 'project.resumed') this.#isPaused = false;
      if (event.type === 'message.read') this.#readOnce(event);
      const wrong = this.#questions.take(event);
      if (wrong !== undefined) this.#found('a question is answered once and told once', wrong);
      if (!('task' in event)) continue;
      touched.add(event.task);
      const wasOwned = this.#told(event.task).owner !== undefined;
      this.#apply(event as NewEvent & { task: string });
      const { owner, attempts } = this.#told(event.task);
      if (wasOwned && owner === undefined) this.#endings.set(`${event.task}#${attempts}`, seq);
      if (event.type === 'task.claimed') claimed.push({ task: event.task, owner: event.orchestrator });
    }
    if (this.#seen !== head) {
      this.#found('the log has no gap', `The log says ${head} events and has ${this.#seen}`);
    }
    for (const id of touched) this.#compare(id, isSynced);
    if (!isSynced) for (const claim of claimed) this.#mayStart(claim.task);
  }

  #told(id: string): Told {
    let told = this.#tasks.get(id);
    if (told === undefined) {
      told = {
        state: 'pending',
        attempts: 0,
        fence: 0,
        owner: undefined,
        failures: 0,
        isSatisfied: false,
        timesDone: 0,
        mergedAs: undefined,
        intent: undefined,
        isPaused: false,
      };
      this.#tasks.set(id, told);
    }
    return told;
  }

  #readOnce({ messages, by }: Extract<NewEvent, { type: 'message.read' }>): void {
    for (const message of messages) {
      const key = `${message} ${by}`;
      if (this.#read.has(key)) this.#found('a message is read once', `${by} read ${message} again`);
      this.#read.add(key);
    }
  }

  #renamed(from: string, to: string): void {
    this.#questions.renamed(from, to);
    const told = this.#tasks.get(from);
    if (told !== undefined) this.#tasks.set(to, told);
    this.#tasks.delete(from);
  }

  #apply(event: NewEvent & { task: string }): void {
    const told = this.#told(event.task);
    if (event.type === 'task.claimed') {
      this.#claimed(told, event);
      return;
    }
    if (event.type === 'write.refused') return;
    if ('attempt' in event) this.#checkLive(told, event);
    if (ENDS.has(event.type)) told.owner = undefined;
    switch (event.type) {
      case 'task.started':
        told.state = 'running';
        return;
      case 'merge.queued':
        told.state = 'merging';
        return;
      case 'merge.refused':
      case 'merge.verify_failed':
      case 'merge.conflicted':
        told.state = 'running';
        return;
      case 'step.started':
        // The roadmap was edited while the work waited for its merge: its agent is told first.
        if (told.state === 'merging') told.state = 'running';
        return;
      case 'merge.intended':
        told.intent = event.commit;
        return;
      case 'merge.done':
        told.mergedAs = event.commit;
        return;
      case 'task.done':
        told.timesDone += 1;
        if (told.timesDone > 1) {
          this.#found('a task ends once', `${event.task} was done ${told.timesDone} times`);
        }
        told.state = 'done';
        told.isSatisfied = true;
        return;
      case 'task.asked':
        told.state = this.#afterAttempt(event.task);
        return;
      case 'task.retried':
        told.failures += 1;
        told.state = this.#afterAttempt(event.task);
        this.#checkFailures(event.task, told, this.#limitOf(event.task) - 1);
        return;
      case 'task.failed':
        told.failures += 1;
        told.state = 'failed';
        this.#checkFailures(event.task, told, this.#limitOf(event.task));
        this.#failed(event.task, told);
        return;
      case 'task.released':
        told.state = this.#afterAttempt(event.task);
        return;
      case 'task.answered':
      case 'question.withdrawn':
        if (told.state === 'waiting_input') told.state = this.#afterAttempt(event.task);
        return;
      case 'task.blocked':
        told.state = 'blocked';
        return;
      case 'task.unblocked':
        told.state = 'pending';
        return;
      case 'task.skipped':
        told.owner = undefined;
        told.isPaused = false;
        told.state = 'skipped';
        told.isSatisfied = true;
        return;
      case 'task.cancelled':
        told.owner = undefined;
        told.isPaused = false;
        told.state = 'cancelled';
        return;
      case 'task.paused':
        if (told.owner !== undefined) told.state = this.#afterAttempt(event.task);
        told.owner = undefined;
        told.isPaused = true;
        return;
      case 'task.resumed':
        told.isPaused = false;
        return;
      case 'task.reset':
        told.owner = undefined;
        told.state = 'pending';
        told.failures = 0;
        return;
      case 'task.archived':
        told.owner = undefined;
        told.state = 'archived';
        return;
      default:
    }
  }

  /** Nobody goes on without an answer that was asked for, and nobody waits for one that was not. */
  #afterAttempt(task: string): TaskState {
    return this.#questions.isOpen(task) ? 'waiting_input' : 'pending';
  }

  #claimed(told: Told, event: { task: string; attempt: number; fence: number; orchestrator: string }): void {
    const { task, attempt, fence, orchestrator } = event;
    this.#claimsMade += 1;
    if (told.owner !== undefined) {
      this.#found(
        'one attempt at a time',
        `${orchestrator} claimed ${task}, which ${told.owner} is at work on`,
      );
    }
    if (told.state !== 'pending') {
      this.#found('only what waits is claimed', `${task} was claimed while ${told.state}`);
    }
    if (told.isPaused || this.#isPaused) {
      const what = told.isPaused ? 'it' : 'the project';
      this.#found('nothing paused is claimed', `${task} was claimed while ${what} was paused`);
    }
    if (fence <= told.fence) {
      this.#found('the fence rises', `${task} got fence ${fence} after ${told.fence}`);
    }
    if (attempt !== told.attempts + 1) {
      this.#found('attempts are counted', `${task} got attempt ${attempt} after ${told.attempts}`);
    }
    told.fence = fence;
    told.attempts = attempt;
    told.owner = orchestrator;
    told.state = 'claimed';
    this.#claims.set(`${task}#${attempt}`, orchestrator);
  }

  /** Only the holder of the newest fence may say anything about the task. */
  #checkLive(told: Told, event: NewEvent & { task: string; attempt?: number }): void {
    if (event.attempt === told.attempts && told.owner !== undefined) return;
    // The store itself closes the turns of attempts that it takes away, and those that were left open.
    if (event.type === 'agent.ended' && (event.attempt ?? 0) <= told.attempts) return;
    this.#found(
      'only the newest attempt writes',
      `${event.type} of attempt ${event.attempt} of ${event.task} was taken; ${
        told.owner === undefined ? 'none is live' : `attempt ${told.attempts} is live`
      }`,
    );
  }

  #limitOf(task: string): number {
    const row = this.#row(task);
    const definition = JSON.parse(row?.definition ?? '{}') as Partial<TaskDefinition>;
    return definition.maxAttempts ?? this.#maxAttempts;
  }

  #checkFailures(task: string, told: Told, most: number): void {
    if (told.failures <= most) return;
    this.#found('attempts have a limit', `${task} failed ${told.failures} times of ${most}`);
  }

  #failed(task: string, told: Told): void {
    const row = this.#row(task);
    const { onFailure } = JSON.parse(row?.definition ?? '{}') as Partial<TaskDefinition>;
    if (onFailure === 'skip') told.state = 'skipped';
    if (onFailure !== 'hard') told.isSatisfied = true;
  }

  #query(text: string): StatementSync {
    return this.#database.statements.get(text).statement;
  }

  #row(id: string): Row | undefined {
    return this.#query(TASK).get(id) as unknown as Row | undefined;
  }

  /** The tables say the same as the log. */
  #compare(id: string, isSynced: boolean): void {
    const row = this.#row(id);
    const told = this.#told(id);
    if (row === undefined) return;
    // A sync moves tasks without facts of their own: those that come back, and those that a person ended.
    if (isSynced) {
      told.state = row.state;
      if (row.state === 'done') told.isSatisfied = true;
      told.isPaused = row.paused_at !== null;
    }
    if (row.fence < told.fence) {
      this.#found('the fence rises', `${id} has fence ${row.fence} after ${told.fence}`);
    }
    told.fence = row.fence;
    if (row.state !== told.state) {
      this.#found('log and tables agree', `${id} is ${row.state}, and ${told.state} by the log`);
    }
    if ((row.paused_at !== null) !== told.isPaused) {
      this.#found('log and tables agree', `${id} is ${told.isPaused ? '' : 'not '}paused by the log`);
    }
    const isActive = (ACTIVE_STATES as readonly TaskState[]).includes(row.state);
    if (isActive !== (row.owner !== null) || (row.owner ?? undefined) !== told.owner) {
      this.#found(
        'log and tables agree',
        `${id} is ${row.state} and belongs to ${row.owner}, by the log to ${told.owner}`,
      );
    }
  }

  /** Was the claim right? What it needs is finished, and nobody at work writes the same files. */
  #mayStart(id: string): void {
    const row = this.#row(id);
    if (row === undefined) return;
    for (const need of JSON.parse(row.needs) as string[]) {
      if (this.#tasks.has(need) && !this.#told(need).isSatisfied) {
        this.#found('needs come first', `${id} began before ${need}, which is ${this.#told(need).state}`);
      }
    }
    const files = new Set(JSON.parse(row.files) as string[]);
    if (files.size === 0) return;
    for (const [other, told] of this.#tasks) {
      if (other === id || told.owner === undefined) continue;
      const theirs = JSON.parse(this.#row(other)?.files ?? '[]') as string[];
      const shared = theirs.find((file) => files.has(file));
      if (shared !== undefined) {
        this.#found('locks never overlap', `${id} and ${other} are both at work on ${shared}`);
      }
    }
  }

  #sawMerge(task: string, commit: string, by: string): void {
    this.#trace.note(`  ${by} moved the branch to ${commit.slice(-6)} for ${task}`);
    const before = this.#mergedTasks.get(task);
    if (before !== undefined) {
      this.#found('a task is merged once', `${task} was merged by ${by} again`);
    }
    this.#mergedTasks.set(task, commit);
  }

  // ── when all is quiet ──

  /** Tasks of orchestrators that are gone, by the tables. */
  heldByTheGone(): { task: string; owner: string }[] {
    const rows = this.#database.raw.prepare('select id, owner from tasks where owner is not null').all();
    return rows
      .map((row) => ({ task: String(row['id']), owner: String(row['owner']) }))
      .filter(({ owner }) => !this.#present.has(owner));
  }

  /** Tasks that are not over, each with how it stands. */
  unfinished(): string[] {
    const rows = this.#database.raw
      .prepare(
        "select id, state, reason, owner, pending_needs, not_before from tasks where state not in ('done', 'archived', 'skipped', 'cancelled', 'failed') order by id",
      )
      .all();
    return rows.map(
      (row) =>
        `${row['id']} ${row['state']} (${row['reason'] ?? 'no reason'}; owner ${row['owner']}, needs ${row['pending_needs']}, not before ${row['not_before']})`,
    );
  }

  /** Nothing failed or was cancelled: whoever can retry has done so. */
  allSucceeded(): boolean {
    return (
      this.#database.raw
        .prepare("select 1 from tasks where state in ('failed', 'cancelled', 'skipped') limit 1")
        .get() === undefined
    );
  }

  /** What must be true once everything has ended. */
  checkEnd(): void {
    this.check();
    for (const [task, commit] of this.#mergedTasks) {
      const told = this.#told(task);
      const row = this.#row(task);
      if (told.timesDone !== 1) {
        this.#found('what is merged is done', `${task} is in the branch, and ${row?.state} in the store`);
      }
      if (told.mergedAs !== commit) {
        this.#found(
          'what is merged is done',
          `${task} is ${commit} in the branch, ${told.mergedAs} in the store`,
        );
      }
    }
    for (const [task, told] of this.#tasks) {
      const untold = told.timesDone === 1 ? this.#questions.untold(task) : [];
      if (untold.length > 0) {
        this.#found(
          'a question is answered once and told once',
          `${task} never heard of ${untold.join(', ')}`,
        );
      }
      if (told.mergedAs !== undefined && this.#mergedTasks.get(task) !== told.mergedAs) {
        this.#found(
          'what is done is merged',
          `${task} is done as ${told.mergedAs}, which is not in the branch`,
        );
      }
    }
  }
}
