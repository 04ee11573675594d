import { UsageError } from '../errors.ts';
import type { LoggedEvent } from '../events/event.ts';
import type { ObjectId } from '../ids.ts';
import { parseTaskId } from '../parse-task-id.ts';
import type { Task } from '../tasks/task.ts';
import { OutsideClaim, silenceOf } from './outside-claim.ts';
import type { ClaimWish, OutsideHost, OutsideWork, WorkAnswer, WorkReason } from './ports.ts';

/** A call is answered within this, ms: clients give up on one after a minute. */
const ANSWER_MS = 40_000;
/** Ends of so many claims can still be asked for. */
const MOST_CLAIMS = 200;

/** The clients that work for one project through this process. Disposing gives their tasks back. */
export class OutsideWorkers implements OutsideWork, AsyncDisposable {
  readonly #host: OutsideHost;
  readonly #answerMs: number;
  readonly #silentMs: number | undefined;
  readonly #claims = new Map<string, OutsideClaim>();
  /** Claims that are being made, by client: whoever asks twice at once gets one. */
  readonly #starting = new Map<string, Promise<OutsideClaim | undefined>>();

  /** `silentMs`: after how long a silence any client is missed. */
  constructor(
    host: OutsideHost,
    { answerMs = ANSWER_MS, silentMs }: { answerMs?: number; silentMs?: number } = {},
  ) {
    this.#host = host;
    this.#answerMs = answerMs;
    this.#silentMs = silentMs;
  }

  async claim(client: string, { task: text, kept = false }: ClaimWish): Promise<WorkAnswer | undefined> {
    const task = text === undefined ? undefined : parseTaskId(text);
    const held = this.#heldBy(client);
    if (held !== undefined && task !== undefined && task !== held.task) throw hasAnother(held);
    const claim = held ?? (await this.#start(client, { task, silentMs: this.#silentMs ?? silenceOf(kept) }));
    if (claim !== undefined) return await this.#answer(claim);
    if (task !== undefined) throw notReady(task, await this.#host.store.task(task));
    return undefined;
  }

  async complete(
    client: string,
    { claim: id, turn, summary }: { claim: string; turn: number; summary: string },
  ): Promise<WorkAnswer> {
    const claim = this.#find(client, id);
    // A call that is repeated, because its answer was lost, does not end a later turn.
    if (claim.turns.turn?.number === turn) claim.turns.finish({ status: 'done', summary });
    return await this.#answer(claim);
  }

  async fail(client: string, { claim: id, reason }: { claim: string; reason: string }): Promise<WorkAnswer> {
    const claim = this.#find(client, id);
    claim.turns.finish({ status: 'error', reason });
    return await this.#answer(claim);
  }

  async keep(client: string, id: string): Promise<WorkAnswer> {
    return await this.#answer(this.#find(client, id), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#starting.values()]);
    await Promise.all([...this.#claims.values()].map((claim) => claim.release()));
  }

  async #start(client: string, wish: Omit<Parameters<typeof OutsideClaim.start>[1], 'client'>) {
    const known = this.#starting.get(client);
    if (known !== undefined) return await known;
    const starting = OutsideClaim.start(this.#host, { client, ...wish }).finally(() =>
      this.#starting.delete(client),
    );
    this.#starting.set(client, starting);
    const claim = await starting;
    if (claim !== undefined) this.#remember(claim);
    return claim;
  }

  #remember(claim: OutsideClaim): void {
    this.#claims.set(claim.id, claim);
    if (this.#claims.size <= MOST_CLAIMS) return;
    const over = [...this.#claims.values()].find(({ turns }) => turns.end !== undefined);
    if (over !== undefined) this.#claims.delete(over.id);
  }

  #heldBy(client: string): OutsideClaim | undefined {
    return [...this.#claims.values()].find(
      (claim) => claim.client === client && claim.turns.end === undefined,
    );
  }

  /** A claim of another client is none. */
  #find(client: string, id: string): OutsideClaim {
    const claim = this.#claims.get(id);
    if (claim?.client !== client) {
      throw new UsageError('CLAIM_UNKNOWN', `There is no claim ${id} of yours`, {
        advice: 'It may have ended with the server. Claim the task again: what you made is on its branch.',
      });
    }
    claim.heard();
    return claim;
  }

  async #answer(claim: OutsideClaim, withinMs = this.#answerMs): Promise<WorkAnswer> {
    await claim.turns.settled(withinMs, this.#host.clock);
    claim.heard();
    const about = { claim: claim.id, task: claim.task };
    const { end, turn } = claim.turns;
    if (end !== undefined) return { ...about, kind: 'over', end, ...(await this.#endOf(claim)) };
    if (turn === undefined) return { ...about, kind: 'busy' };
    const [task, last] = await Promise.all([this.#host.store.task(claim.task), this.#lastSentBack(claim)]);
    return {
      ...about,
      kind: 'work',
      turn: turn.number,
      why: reasonOf(turn.number === 1 && task?.head === undefined, last),
      title: task?.definition.title ?? claim.title,
      prompt: turn.prompt,
      worktree: turn.worktree,
      branch: task?.branch ?? '',
      files: last !== undefined && 'files' in last ? last.files : [],
    };
  }

  /** Why the work came back last in this attempt, when that is what the turn is about. */
  async #lastSentBack({ task, attempt }: OutsideClaim) {
    const facts = await this.#host.store.events(0, {
      task,
      types: ['merge.conflicted', 'merge.refused', 'merge.verify_failed', 'step.started'],
    });
    const started = facts.findLast((fact) => fact.type === 'step.started');
    const isOfMerge = started?.kind === 'conflict' || started?.kind === 'repair';
    const last = facts.findLast(isSentBack);
    return isOfMerge && last?.attempt === attempt ? last : undefined;
  }

  async #endOf({ task, attempt, turns }: OutsideClaim): Promise<{ reason: string; commit?: ObjectId }> {
    const [last] = (
      await this.#host.store.events(0, {
        task,
        types: ['task.done', 'task.failed', 'task.retried', 'task.released', 'task.asked', 'question.asked'],
      })
    )
      .filter((event) => 'attempt' in event && event.attempt === attempt)
      .slice(-1);
    return endText(last, turns.end === 'lost');
  }
}

type SentBack = Extract<LoggedEvent, { type: 'merge.conflicted' | 'merge.refused' | 'merge.verify_failed' }>;

function isSentBack(event: LoggedEvent): event is SentBack {
  return event.type.startsWith('merge.');
}

function reasonOf(isNew: boolean, last: SentBack | undefined): WorkReason {
  switch (last?.type) {
    case 'merge.conflicted':
      return 'conflict';
    case 'merge.verify_failed':
      return 'check';
    case 'merge.refused':
      return 'refused';
    case undefined:
      return isNew ? 'new' : 'changes';
  }
}

function endText(event: LoggedEvent | undefined, isLost: boolean): { reason: string; commit?: ObjectId } {
  if (isLost)
    return { reason: 'somebody else has the task now, or it was cancelled: nothing of this was taken' };
  switch (event?.type) {
    case 'task.done':
      return { reason: 'merged', ...(event.commit === undefined ? {} : { commit: event.commit }) };
    case 'task.failed':
      return { reason: event.reason };
    case 'task.retried':
      return { reason: `${event.reason}; it will be tried again` };
    case 'task.released':
      return { reason: `given back: ${event.reason}` };
    case 'task.asked':
    case 'question.asked':
      return { reason: `it waits for a person: ${event.questions[0]?.question ?? ''}` };
    default:
      return { reason: 'over' };
  }
}

function hasAnother({ task, id }: OutsideClaim): UsageError {
  return new UsageError('HAS_A_TASK', `You have ${task} already (claim ${id})`, {
    advice: 'Complete it or fail it first.',
  });
}

function notReady(id: string, task: Task | undefined): UsageError {
  if (task === undefined) {
    return new UsageError('UNKNOWN_TASK', `There is no task ${id}`, { advice: 'See list_tasks.' });
  }
  const { state, pendingNeeds } = task;
  const why =
    state !== 'pending'
      ? `it is ${state}`
      : pendingNeeds > 0
        ? `it waits for ${pendingNeeds} other${pendingNeeds === 1 ? '' : 's'}`
        : 'its files are at work elsewhere, its time has not come, or too much waits for approval';
  return new UsageError('TASK_NOT_READY', `${id} cannot be begun now: ${why}`, {
    advice: 'Claim without a task gives the next one that can.',
  });
}
