import type { Journal } from '../attempts/journal.ts';
import type { Sandboxes } from '../attempts/ports.ts';
import type { Config } from '../config/schema.ts';
import { crashPoint } from '../crash-points.ts';
import type { MergeStrategy } from '../events/event.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import type { Clock } from '../ports.ts';
import type { NamedLease, Store } from '../tasks/ports.ts';
import type { MergeIntent } from '../tasks/task.ts';
import type {
  CommandRunner,
  CommitMessage,
  IntegrationRepo,
  Workspace,
  Workspaces,
} from '../workspaces/ports.ts';

/** What a task brings to the queue. */
export interface MergeRequest {
  readonly task: TaskId;
  readonly attempt: number;
  readonly workspace: Workspace;
  /** The last snapshot: everything that the task made. */
  readonly head: ObjectId;
  readonly message: CommitMessage;
  readonly summary: string;
  readonly verify: string | undefined;
  /** Environment of the verify command. */
  readonly env: Readonly<Record<string, string>>;
  /** A merge of this task that may or may not have become visible before a crash. */
  readonly intent: MergeIntent | undefined;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** What was asked has changed since the work was made: it goes back to its agent. */
  readonly isOutdated: () => Promise<boolean>;
  readonly onVerifyLine: (line: string) => void;
}

export type MergeOutcome =
  /** It is in, and the task is recorded as done. `commit` is absent when the task changed nothing. */
  | { kind: 'merged'; commit: ObjectId | undefined; head: ObjectId }
  | { kind: 'conflicted'; onto: ObjectId; files: readonly string[]; others: readonly TaskId[] }
  /** It would bring in what leads out of the project. */
  | { kind: 'refused'; onto: ObjectId; files: readonly string[]; reason: string }
  | { kind: 'verify-failed'; onto: ObjectId; command: string; exitCode: number; output: string }
  /** Nothing was merged: a person has changed what was asked. */
  | { kind: 'outdated' }
  /** The signal came, or the queue's lease was lost: nothing became visible, the merge is to be tried again. */
  | { kind: 'interrupted' };

export interface MergeQueueDeps {
  readonly store: Store;
  readonly workspaces: Workspaces;
  readonly integration: IntegrationRepo;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly config: Config;
  readonly orchestrator: string;
  readonly sandboxes: Sandboxes;
}

const LEASE_NAME = 'merge-queue';
const RETRY_LEASE_MS = 100;
const IDLE_MS = 100;
const OUTPUT_LIMIT = 16_000;
/** A busy orchestrator merges so long before others may, … */
const FIRST_TURN_MS = 500;
/** … longer each time that nobody did, at most so long, … */
const LONGEST_TURN_MS = 8_000;
/** … and waits so long for one to come: more than `RETRY_LEASE_MS`. */
const LET_OTHERS_MS = 150;

/**
 * The merge queue of one project: one writer at a time, among all orchestrators by a named lease and inside this one by
 * turns. A busy one lets others have theirs: it would hold the lease for as long as its work lasts, with the agents of
 * all others waiting for their merges. The lease only keeps work from being done twice: what makes two writers safe is
 * the compare-and-set of the ref, which a process that lost its lease while paused cannot pass. The order of effects
 * makes a crash between any two of them recoverable to exactly one merge:
 *
 * ```
 *   merge commit made ─▶ verify on it ─▶ merge.intended ─▶ ref moved (compare-and-set) ─▶ merge.done + task.done
 *        (no ref)                        (durable)          (visible)
 * ```
 *
 * After a crash the intent says which commit to look for: when it is in the branch the task is done, otherwise the
 * merge is made again.
 */
export class MergeQueue {
  readonly #deps: MergeQueueDeps;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #lease: NamedLease | undefined;
  #idle: AbortController | undefined;
  #merges = 0;
  /** By the steady clock. */
  #heldSince = 0;
  #turnMs = FIRST_TURN_MS;
  /** The fence of the lease that was given up for others. */
  #passedOn: number | undefined;

  constructor(deps: MergeQueueDeps) {
    this.#deps = deps;
  }

  /** The lease that the heartbeat has to renew, while this orchestrator merges. */
  get heldLease(): NamedLease | undefined {
    return this.#lease;
  }

  /**
   * The heartbeat found the lease gone: whoever is merging stops before anything becomes visible. One that was passed on
   * meanwhile is not missed. Without a name, all is over.
   */
  leaseLost(lost?: NamedLease): void {
    const isOurs = lost?.name === this.#lease?.name && lost?.fence === this.#lease?.fence;
    if (lost === undefined || isOurs) this.#lease = undefined;
  }

  /** Waits for its turn, then merges. Throws what the repository or the store throws, and `LeaseLostError`. */
  async merge(request: MergeRequest): Promise<MergeOutcome> {
    this.#waiting += 1;
    const before = this.#turn;
    const { promise, resolve: passTurn } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      if (!(await this.#hold(request.signal))) return { kind: 'interrupted' };
      return await this.#mergeInTurn(request, passTurn);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) void this.#letGoWhenIdle();
      passTurn();
    }
  }

  async #mergeInTurn(request: MergeRequest, passTurn: () => void): Promise<MergeOutcome> {
    const { store, integration, config } = this.#deps;
    const { task, attempt, head, journal, signal } = request;
    const branch = config.merge.integrationBranch;
    const strategy = config.merge.strategy;
    let intent = request.intent;

    while (!signal.aborted && this.#lease !== undefined) {
      const onto = await integration.ensureBranch(branch, config.merge.target);
      // Also after losing a race: whoever moved the branch may have been an earlier self, resumed after a pause.
      if (intent !== undefined && (await integration.isAncestor(intent.commit, onto))) {
        await this.#recordMerged(request, intent.commit, strategy, true);
        return { kind: 'merged', commit: intent.commit, head };
      }
      if (intent === undefined && (await request.isOutdated())) return { kind: 'outdated' };
      journal.note({ type: 'merge.started', task, attempt, head, onto, strategy });
      const merge = await integration.merge({
        strategy,
        onto,
        head,
        base: request.workspace.base,
        message: request.message,
      });
      crashPoint('merge.written');
      if (merge.kind === 'unchanged') {
        await journal.commit({
          type: 'task.done',
          task,
          attempt,
          commit: undefined,
          summary: request.summary,
        });
        return { kind: 'merged', commit: undefined, head };
      }
      if (merge.kind === 'diverged') return { kind: 'conflicted', onto, files: [], others: [] };
      if (merge.kind === 'conflicted') {
        const others = await integration.tasksTouching({
          since: request.workspace.base,
          until: onto,
          files: merge.files,
        });
        return { kind: 'conflicted', onto, files: merge.files, others: others.filter((id) => id !== task) };
      }
      if (merge.kind === 'refused') return { ...merge, onto };
      const verdict = await this.#verify(request, merge.commit, merge.tree);
      if (verdict !== undefined) return verdict.kind === 'interrupted' ? verdict : { ...verdict, onto };
      // A check may take long.
      if (request.verify !== undefined && (await request.isOutdated())) return { kind: 'outdated' };

      await journal.commit({
        type: 'merge.intended',
        task,
        attempt,
        branch,
        expected: onto,
        commit: merge.commit,
      });
      crashPoint('merge.intended');
      const moved = await integration.advance(branch, {
        expected: onto,
        to: merge.commit,
        reason: `codewalk: merge ${task}`,
        workspace: request.workspace,
      });
      if (moved === 'advanced') {
        crashPoint('merge.moved');
        const recorded = this.#recordMerged(request, merge.commit, strategy, false);
        // The branch has moved, and the record is on its way: the next one's intent is written after it, mostly in
        // the same commit. A crash in between leaves what it always leaves, an intent whose commit is in the branch.
        passTurn();
        await recorded;
        crashPoint('merge.recorded');
        return { kind: 'merged', commit: merge.commit, head };
      }
      intent = (await store.task(task))?.intent ?? { branch, expected: onto, commit: merge.commit };
    }
    return { kind: 'interrupted' };
  }

  async #verify(
    request: MergeRequest,
    commit: ObjectId,
    tree: ObjectId,
  ): Promise<
    | Extract<MergeOutcome, { kind: 'interrupted' }>
    | Omit<Extract<MergeOutcome, { kind: 'verify-failed' }>, 'onto'>
    | undefined
  > {
    const { workspaces, commands, config, sandboxes } = this.#deps;
    const { task, attempt, verify, workspace, env, signal } = request;
    if (verify === undefined) return undefined;
    await workspaces.checkout(workspace, commit, { reason: 'merge', attempt });
    crashPoint('verify.shown');
    try {
      await using sandbox = await sandboxes.prepare({ workspace, env });
      const result = await commands.run({
        command: verify,
        cwd: workspace.path,
        env: sandbox.env,
        ...(sandbox.confinement === undefined ? {} : { confinement: sandbox.confinement }),
        timeoutMs: config.merge.verifyTimeoutMs,
        signal,
        onLine: request.onVerifyLine,
      });
      crashPoint('verify.ended');
      if (result.kind === 'stopped') {
        if (result.reason === 'signal') return { kind: 'interrupted' };
        const output = `${tail(result.outputTail)}\nStopped after ${config.merge.verifyTimeoutMs} ms (merge.verifyTimeoutMs).`;
        return { kind: 'verify-failed', command: verify, exitCode: 124, output };
      }
      if (result.code !== 0) {
        return {
          kind: 'verify-failed',
          command: verify,
          exitCode: result.code,
          output: tail(result.outputTail),
        };
      }
      request.journal.note({
        type: 'merge.verified',
        task,
        attempt,
        command: verify,
        tree,
        durationMs: result.durationMs,
      });
      return undefined;
    } finally {
      await workspaces.restore(workspace, request.head, { reason: 'verify', attempt });
      crashPoint('verify.restored');
    }
  }

  async #recordMerged(
    request: MergeRequest,
    commit: ObjectId,
    strategy: MergeStrategy,
    recovered: boolean,
  ): Promise<void> {
    const { task, attempt, journal, summary } = request;
    const branch = this.#deps.config.merge.integrationBranch;
    await journal.commit(
      { type: 'merge.done', task, attempt, branch, commit, strategy, recovered },
      { type: 'task.done', task, attempt, commit, summary },
    );
  }

  async #hold(signal: AbortSignal): Promise<boolean> {
    const { store, orchestrator, config, clock } = this.#deps;
    while (!signal.aborted) {
      if (this.#lease !== undefined) {
        if (clock.steady() - this.#heldSince < this.#turnMs) return true;
        await this.#letOthers(this.#lease, signal);
      }
      const taken = await store.acquire(LEASE_NAME, orchestrator, config.lease.leaseMs);
      if ('fence' in taken) {
        this.#begin(taken);
        crashPoint('merge.locked');
      } else await clock.sleep(RETRY_LEASE_MS, signal);
    }
    return false;
  }

  #begin(lease: NamedLease): void {
    this.#lease = lease;
    this.#heldSince = this.#deps.clock.steady();
    if (this.#passedOn === undefined) return;
    const hasOtherMerged = lease.fence > this.#passedOn + 1;
    this.#turnMs = hasOtherMerged ? FIRST_TURN_MS : Math.min(2 * this.#turnMs, LONGEST_TURN_MS);
    this.#passedOn = undefined;
  }

  /** Between two merges: whoever waits takes the lease now. */
  async #letOthers(held: NamedLease, signal: AbortSignal): Promise<void> {
    const { store, orchestrator, clock } = this.#deps;
    this.#lease = undefined;
    this.#passedOn = held.fence;
    await store.release(held, orchestrator);
    if ((await store.orchestrators()).length > 1) await clock.sleep(LET_OTHERS_MS, signal);
  }

  /** Keeps the lease for a moment: the next merge of a busy run finds it already held. */
  async #letGoWhenIdle(): Promise<void> {
    this.#merges += 1;
    if (this.#idle !== undefined) return;
    const idle = new AbortController();
    this.#idle = idle;
    let seen = 0;
    while (!idle.signal.aborted && seen !== this.#merges) {
      seen = this.#merges;
      await this.#deps.clock.sleep(IDLE_MS, idle.signal);
    }
    if (idle.signal.aborted) return;
    this.#idle = undefined;
    // A lease that cannot be given back now runs out by itself.
    if (this.#waiting === 0) await this.close().catch(() => undefined);
  }

  /** Gives the lease back. Nobody may be merging; a later merge takes it again. */
  async close(): Promise<void> {
    this.#idle?.abort();
    this.#idle = undefined;
    const held = this.#lease;
    this.#lease = undefined;
    if (held !== undefined) await this.#deps.store.release(held, this.#deps.orchestrator);
  }
}

function tail(output: string): string {
  return output.length <= OUTPUT_LIMIT ? output : `[…]${output.slice(-OUTPUT_LIMIT)}`;
}
