import { judgeTurn, type StepVerdict } from '../agents/judge.ts';
import type { TurnOutcome } from '../agents/outcome.ts';
import { afterFailure } from '../agents/retry.ts';
import type { Workflow } from '../config/schema.ts';
import { CodewalkError, messageOf } from '../errors.ts';
import type { AttemptEvent, StepRef } from '../events/event.ts';
import type { ObjectId } from '../ids.ts';
import type { MergeOutcome } from '../merging/merge-queue.ts';
import type { Claim } from '../tasks/ports.ts';
import type { SessionRecord, StepRecord, Task } from '../tasks/task.ts';
import type { CommitMessage, Workspace } from '../workspaces/ports.ts';
import type { Engine } from './engine.ts';
import { Journal, LeaseLostError } from './journal.ts';
import { type NextStep, nextStep } from './next-step.ts';
import type { CrewMember } from './ports.ts';
import { buildPrompt, type PromptInput } from './prompt.ts';
import { runTurn } from './run-turn.ts';
import { workflowOf } from './workflow-of.ts';

/** Why an attempt is told to stop. */
export type StopReason = 'stop' | 'lease-lost' | 'timeout';

/** How an attempt left the task; everything about it is in the store by then. */
export type AttemptEnd = 'done' | 'failed' | 'retried' | 'waiting' | 'released' | 'lost';

const REVIEW_DIFF_BYTES = 60_000;
const FEEDBACK_CHARS = 16_000;

/**
 * Runs one claimed attempt to its end: worktree, the workflow's steps, merge. Never throws for anything that the
 * agent, git or the project does: that ends the attempt with the reason in the store. It does throw when the
 * store itself cannot be written.
 *
 * `control` stops it; its abort reason is a `StopReason`.
 */
export async function runAttempt(
  engine: Engine,
  claim: Claim,
  control: AbortController,
): Promise<AttemptEnd> {
  return await new Attempt(engine, claim, control).run();
}

class Attempt {
  readonly #engine: Engine;
  readonly #claim: Claim;
  readonly #control: AbortController;
  readonly #journal: Journal;
  #workflow: Workflow = { steps: [] };
  #task!: Task;
  #workspace: Workspace | undefined;
  #head: ObjectId | undefined;
  #history: StepRecord[] = [];
  #lastStep = 0;
  #sessions = new Map<string, SessionRecord>();
  #bounces = 0;
  /** What a person answered since the last attempt; given to the agent once. */
  #answers: readonly { question: string; answer: string }[] = [];

  constructor(engine: Engine, claim: Claim, control: AbortController) {
    this.#engine = engine;
    this.#claim = claim;
    this.#control = control;
    this.#journal = new Journal(engine.store, claim, () => this.#stop('lease-lost'));
  }

  async run(): Promise<AttemptEnd> {
    const timer = new AbortController();
    const { timeoutMs } = this.#claim.definition;
    if (timeoutMs !== undefined) void this.#timeout(timeoutMs, timer.signal);
    try {
      return await this.#run();
    } catch (error) {
      if (error instanceof LeaseLostError) return await this.#abandon();
      if (this.#control.signal.aborted) return await this.#interrupted();
      return await this.#crashed(error);
    } finally {
      timer.abort();
    }
  }

  // ── the life of an attempt ──

  async #run(): Promise<AttemptEnd> {
    this.#workflow = workflowOf(this.#claim.definition, this.#engine.config);
    await this.#recall();
    if (await this.#settleIntent()) return 'done';
    await this.#openWorkspace();
    for (;;) {
      if (this.#control.signal.aborted) return await this.#interrupted();
      const next = nextStep(this.#workflow, this.#history);
      if (next.kind === 'finished') {
        const end = await this.#merge();
        if (end !== undefined) return end;
      } else if (next.kind === 'exhausted') {
        const reason = `${next.agent} rejected the work ${next.rejections} times: ${firstLine(next.feedback)}`;
        return await this.#fail('workflow', reason);
      } else {
        const end = await this.#step(next);
        if (end !== undefined) return end;
      }
    }
  }

  /** Reads what earlier attempts left; a first attempt has nothing to read. */
  async #recall(): Promise<void> {
    const { store } = this.#engine;
    const id = this.#claim.task;
    const task = await store.task(id);
    if (task === undefined) throw new LeaseLostError(this.#claim);
    this.#task = task;
    this.#bounces = task.bounces;
    if (this.#claim.attempt === 1) return;
    const [steps, sessions, questions, resets] = await Promise.all([
      store.steps(id),
      store.sessions(id),
      store.questions({ task: id }),
      store.events(0, { task: id, types: ['task.reset'] }),
    ]);
    const last = questions.at(-1);
    if (last?.answer !== undefined && last.attempt === this.#claim.attempt - 1) {
      this.#answers = questions.flatMap(({ question, answer, step }) =>
        answer !== undefined && step === last.step ? [{ question, answer }] : [],
      );
      // A person has said how the conflict is to be settled: the agent gets its tries again.
      this.#bounces = 0;
    }
    const resetAt = resets.at(-1)?.at ?? 0;
    this.#lastStep = steps.at(-1)?.step ?? 0;
    this.#history = steps.filter((step) => step.startedAt >= resetAt);
    for (const session of sessions) this.#sessions.set(session.agent, session);
  }

  /** A merge that became visible before a crash only has to be written down. */
  async #settleIntent(): Promise<boolean> {
    const { integration, workspaces, config } = this.#engine;
    const { intent } = this.#task;
    if (intent === undefined) return false;
    const head = await integration.head(intent.branch);
    if (head === undefined || !(await integration.isAncestor(intent.commit, head))) return false;
    const { task, attempt } = this.#claim;
    const summary = this.#task.summary ?? this.#workSummary() ?? '';
    const { branch, commit } = intent;
    await this.#journal.commit(
      { type: 'merge.done', task, attempt, branch, commit, strategy: config.merge.strategy, recovered: true },
      { type: 'task.done', task, attempt, commit, summary },
    );
    const left = await workspaces.open({ task, base: head });
    await workspaces.release(left, { mergedInto: head, mergedHead: this.#task.head ?? head });
    return true;
  }

  async #openWorkspace(): Promise<void> {
    const { integration, workspaces, config } = this.#engine;
    const { task, attempt } = this.#claim;
    const base = await integration.ensureBranch(config.merge.integrationBranch, config.merge.target);
    const workspace = await workspaces.open({ task, base });
    this.#workspace = workspace;
    this.#head = this.#task.head ?? workspace.base;
    this.#journal.note({
      type: 'task.started',
      task,
      attempt,
      branch: workspace.branch,
      worktree: workspace.path,
      base: workspace.base,
      resumed: workspace.reused,
    });
    // Whatever an interrupted attempt left uncommitted is made safe before anything else happens in there.
    if (workspace.reused) await this.#snapshot('work of an interrupted attempt');
  }

  /** Runs one step. Returns how the attempt ended, or nothing when it goes on. */
  async #step(
    next: Extract<NextStep, { kind: 'step' }>,
    extra: Partial<PromptInput> = {},
  ): Promise<AttemptEnd | undefined> {
    const engine = this.#engine;
    const { task, attempt, definition } = this.#claim;
    const member = this.#member(next.agent);
    this.#lastStep += 1;
    const ref: StepRef = { step: this.#lastStep, index: next.index, agent: next.agent, round: next.round };
    const startedAt = engine.clock.now();
    this.#journal.note({
      type: 'step.started',
      task,
      attempt,
      kind: next.stepKind,
      provider: member.provider.name,
      ...ref,
    });

    let verify: PromptInput['verify'];
    if (next.verify) {
      const checked = await this.#checkWork(ref.step);
      if (checked?.kind === 'interrupted') return await this.#interrupted();
      if (checked?.kind === 'failed') {
        return await this.#finishStep(
          next,
          ref,
          startedAt,
          { kind: 'success', text: '' },
          {
            verdict: 'rejected',
            summary: checked.feedback,
          },
        );
      }
      verify = checked;
    }

    const session = next.continueSession ? this.#sessionOf(member) : undefined;
    const prompt = buildPrompt({
      definition,
      kind: next.stepKind,
      round: next.round,
      verdict: member.agent.verdict,
      branch: this.#space.branch,
      base: this.#space.base,
      predecessors: await engine.store.predecessors(task),
      feedback: next.feedback,
      verify,
      continued: session !== undefined,
      ...(await this.#context(next, member)),
      ...extra,
    });
    await this.#journal.commit();
    const turn = await runTurn({
      engine,
      journal: this.#journal,
      member,
      workspace: this.#space,
      step: ref.step,
      prompt,
      definition,
      session,
      signal: this.#control.signal,
    });
    if (turn.session !== undefined) this.#sessions.set(next.agent, turn.session);

    const changed = await this.#keepOrDiscard(member, next);
    if (turn.outcome.kind === 'killed' && this.#control.signal.aborted) return await this.#interrupted();
    const verdict = judgeTurn({ outcome: turn.outcome, agent: member.agent, worktreeChanged: changed });
    return await this.#finishStep(next, ref, startedAt, turn.outcome, verdict);
  }

  /** Writes a step's end down and decides whether the attempt goes on. */
  async #finishStep(
    next: Extract<NextStep, { kind: 'step' }>,
    ref: StepRef,
    startedAt: number,
    outcome: TurnOutcome,
    verdict: StepVerdict,
  ): Promise<AttemptEnd | undefined> {
    const { task, attempt } = this.#claim;
    const { clock } = this.#engine;
    const summary = verdict.verdict === 'questions' ? '' : verdict.summary;
    this.#journal.note({
      type: 'step.finished',
      task,
      attempt,
      outcome: outcome.kind,
      verdict: verdict.verdict,
      summary,
      durationMs: clock.now() - startedAt,
      ...ref,
    });
    this.#history.push(this.#record(next, ref, startedAt, outcome, verdict, summary));
    if (verdict.verdict === 'questions') {
      await this.#journal.commit({
        type: 'task.asked',
        task,
        attempt,
        step: ref.step,
        questions: verdict.questions,
      });
      return 'waiting';
    }
    if (verdict.verdict === 'error') {
      return await this.#afterFailure(
        outcome.kind === 'success' ? { kind: 'transient', reason: summary } : outcome,
      );
    }
    return undefined;
  }

  /** Merges, or sends the work back once and says nothing, so that the caller tries again. */
  async #merge(): Promise<AttemptEnd | undefined> {
    const engine = this.#engine;
    const { task, attempt, definition } = this.#claim;
    const summary = this.#workSummary() ?? '';
    const stat = await engine.workspaces.diffStat(this.#space);
    this.#journal.note({ type: 'merge.queued', task, attempt, head: this.#headId, ...stat });
    await using log = engine.logs.open({ task, attempt, step: this.#lastStep + 1 });
    const outcome = await engine.merges.merge({
      task,
      attempt,
      workspace: this.#space,
      head: this.#headId,
      message: this.#message(`Merge ${task}: ${definition.title}`, summary),
      summary,
      verify: definition.verify ?? engine.config.verify,
      intent: this.#task.intent,
      journal: this.#journal,
      signal: this.#control.signal,
      onVerifyLine: (line) => log.text(line),
    });
    if (outcome.kind === 'interrupted') return await this.#interrupted();
    if (outcome.kind === 'merged') {
      await this.#release(outcome);
      return 'done';
    }
    return await this.#bounce(outcome);
  }

  /** Brings the other side into the worktree and hands the rest to the agent that made the work. */
  async #bounce(
    outcome: Extract<MergeOutcome, { kind: 'conflicted' | 'verify-failed' }>,
  ): Promise<AttemptEnd | undefined> {
    const { workspaces, store, config } = this.#engine;
    const { task, attempt } = this.#claim;
    const brought = await workspaces.bringIn(this.#space, outcome.onto);
    this.#workspace = { ...this.#space, base: outcome.onto };
    if (brought.kind === 'clean' && outcome.kind === 'conflicted') {
      await this.#snapshot('the integration branch brought in');
      return undefined;
    }
    this.#bounces += 1;
    const fact: AttemptEvent =
      outcome.kind === 'conflicted'
        ? {
            type: 'merge.conflicted',
            task,
            attempt,
            files: brought.files,
            others: outcome.others,
            bounce: this.#bounces,
          }
        : {
            type: 'merge.verify_failed',
            task,
            attempt,
            command: outcome.command,
            exitCode: outcome.exitCode,
            output: outcome.output,
            bounce: this.#bounces,
          };
    await this.#journal.commit(fact);
    if (this.#bounces > config.merge.maxBounces) return await this.#giveUpMerging(outcome, brought.files);
    const others = outcome.kind === 'conflicted' ? await store.tasks({ ids: outcome.others }) : [];
    const detail: Partial<PromptInput> =
      outcome.kind === 'conflicted'
        ? {
            conflict: {
              files: brought.files,
              others: others.map(({ id, definition }) => ({ id, title: definition.title })),
            },
          }
        : { verifyFailure: outcome };
    return await this.#resolve(detail, brought.files);
  }

  /** One more step of the coder on the merged worktree; marked files that stay marked count as another bounce. */
  async #resolve(detail: Partial<PromptInput>, marked: readonly string[]): Promise<AttemptEnd | undefined> {
    const { workspaces } = this.#engine;
    const maker = this.#maker();
    const end = await this.#step(
      {
        kind: 'step',
        index: maker.index,
        agent: maker.agent,
        round: this.#bounces + 1,
        stepKind: 'conflict',
        feedback: undefined,
        verify: false,
        continueSession: true,
      },
      detail,
    );
    if (end !== undefined) return end;
    const left = await workspaces.unresolved(this.#space, marked);
    if (left.length === 0) return undefined;
    return await this.#bounce({ kind: 'conflicted', onto: this.#space.base, files: left, others: [] });
  }

  async #giveUpMerging(
    outcome: Extract<MergeOutcome, { kind: 'conflicted' | 'verify-failed' }>,
    files: readonly string[],
  ): Promise<AttemptEnd> {
    const { task, attempt } = this.#claim;
    await this.#snapshot('an unresolved merge');
    if (outcome.kind === 'verify-failed') {
      return await this.#fail(
        'merge',
        `${outcome.command} still exits with ${outcome.exitCode} on the merged result`,
      );
    }
    await this.#journal.commit({
      type: 'task.asked',
      task,
      attempt,
      step: this.#lastStep,
      questions: [
        {
          id: `merge-${attempt}`,
          question: `The work of ${task} conflicts with the integration branch in ${files.join(', ')} and the agent could not resolve it ${this.#bounces - 1} times. How should it be resolved? The worktree is ${this.#space.path}.`,
        },
      ],
    });
    return 'waiting';
  }

  // ── pieces ──

  /** Runs the project's own command on the work; absent when there is none. */
  async #checkWork(
    step: number,
  ): Promise<
    | { kind: 'passed'; command: string; output: string }
    | { kind: 'failed'; feedback: string }
    | { kind: 'interrupted' }
    | undefined
  > {
    const { commands, config, env, logs } = this.#engine;
    const { task, attempt, definition } = this.#claim;
    const command = definition.verify ?? config.verify;
    if (command === undefined) return undefined;
    await using log = logs.open({ task, attempt, step });
    const result = await commands.run({
      command,
      cwd: this.#space.path,
      env: { ...env, CW_TASK_ID: task, CW_ATTEMPT: String(attempt), CW_WORKTREE: this.#space.path },
      timeoutMs: config.merge.verifyTimeoutMs,
      signal: this.#control.signal,
      onLine: (line) => log.text(line),
    });
    if (result.kind === 'stopped' && result.reason === 'signal') return { kind: 'interrupted' };
    if (result.kind === 'exited' && result.code === 0)
      return { kind: 'passed', command, output: result.outputTail.slice(-4_000) };
    const how =
      result.kind === 'exited'
        ? `exited with ${result.code}`
        : `did not end in ${config.merge.verifyTimeoutMs} ms`;
    return {
      kind: 'failed',
      feedback: `\`${command}\` ${how}:\n\n${result.outputTail.slice(-FEEDBACK_CHARS)}`,
    };
  }

  /** What the prompt of this kind of step needs besides the task. */
  async #context(
    next: Extract<NextStep, { kind: 'step' }>,
    member: CrewMember,
  ): Promise<Partial<PromptInput>> {
    const { workspaces } = this.#engine;
    if (member.agent.verdict) {
      const diff = await workspaces.diff(this.#space, { maxBytes: REVIEW_DIFF_BYTES });
      return { diff, workSummary: this.#workSummary() };
    }
    const answers = this.#answers;
    this.#answers = [];
    if (next.stepKind !== 'conflict') return { answers };
    const { files } = await workspaces.bringIn(this.#space, this.#space.base);
    return files.length === 0 ? { answers } : { answers, conflict: { files, others: [] } };
  }

  /** Keeps what a role that may edit has left, as a commit; throws away what another role changed. */
  async #keepOrDiscard(member: CrewMember, next: Extract<NextStep, { kind: 'step' }>): Promise<boolean> {
    const { workspaces } = this.#engine;
    if (member.agent.tools.includes('edit')) return await this.#snapshot(`${next.agent}, ${next.stepKind}`);
    await workspaces.restore(this.#space, this.#headId);
    return false;
  }

  /** Commits what is in the worktree. True when something changed. */
  async #snapshot(what: string): Promise<boolean> {
    const { task, attempt, definition } = this.#claim;
    const before = this.#head;
    const result = await this.#engine.workspaces.snapshot(
      this.#space,
      this.#message(`${task}: ${definition.title}`, `Snapshot: ${what}.`),
    );
    this.#head = result.commit;
    if (result.commit === before) return false;
    const files = result.kind === 'committed' ? result.files : 0;
    this.#journal.note({ type: 'task.snapshotted', task, attempt, commit: result.commit, files });
    return true;
  }

  async #release(merged: Extract<MergeOutcome, { kind: 'merged' }>): Promise<void> {
    const { workspaces, integration, config } = this.#engine;
    const mergedInto = merged.commit ?? (await integration.head(config.merge.integrationBranch));
    if (mergedInto !== undefined)
      await workspaces.release(this.#space, { mergedInto, mergedHead: merged.head });
  }

  #message(subject: string, body: string): CommitMessage {
    return {
      subject: subject.length > 100 ? `${subject.slice(0, 99)}…` : subject,
      ...(body === '' ? {} : { body }),
      trailers: { 'Codewalk-Task': this.#claim.task, 'Codewalk-Attempt': String(this.#claim.attempt) },
    };
  }

  #record(
    next: Extract<NextStep, { kind: 'step' }>,
    ref: StepRef,
    startedAt: number,
    outcome: TurnOutcome,
    verdict: StepVerdict,
    summary: string,
  ): StepRecord {
    return {
      ...ref,
      task: this.#claim.task,
      attempt: this.#claim.attempt,
      kind: next.stepKind,
      provider: '',
      state: 'finished',
      outcome: outcome.kind,
      verdict: verdict.verdict,
      summary,
      session: undefined,
      process: undefined,
      costUsd: 0,
      startedAt,
      finishedAt: this.#engine.clock.now(),
    };
  }

  /** The step whose role made the work: the last one that may edit. */
  #maker(): { index: number; agent: string } {
    const made = this.#history.findLast(
      ({ agent, verdict, kind }) =>
        verdict === 'done' && kind !== 'conflict' && this.#member(agent).agent.tools.includes('edit'),
    );
    return made ?? { index: 0, agent: this.#workflow.steps[0]?.agent ?? this.#engine.config.defaults.agent };
  }

  #workSummary(): string | undefined {
    return this.#history.findLast(
      ({ verdict, kind }) => verdict === 'done' && kind !== 'review' && kind !== 'test',
    )?.summary;
  }

  #member(role: string): CrewMember {
    return this.#engine.crew.member(role);
  }

  /** A session is continued only with the provider that made it. */
  #sessionOf(member: CrewMember): SessionRecord | undefined {
    const session = this.#sessions.get(member.agent.role);
    return session?.provider === member.provider.name ? session : undefined;
  }

  // ── endings ──

  async #afterFailure(outcome: Exclude<TurnOutcome, { kind: 'success' }>): Promise<AttemptEnd> {
    const { config, clock, ids, store } = this.#engine;
    const { task, attempt, definition } = this.#claim;
    if (this.#control.signal.reason === 'timeout') {
      outcome = { kind: 'stalled', reason: `no end after ${definition.timeoutMs} ms`, limit: 'timeout' };
    }
    const failures = this.#task.failures + 1;
    const verdict = afterFailure(outcome, {
      failures,
      maxAttempts: definition.maxAttempts ?? config.retry.maxAttempts,
      baseMs: config.retry.baseMs,
      maxMs: config.retry.maxMs,
      now: clock.now(),
      random: () => ids.random(),
    });
    switch (verdict.kind) {
      case 'fail':
        return await this.#fail(outcome.kind, outcome.reason);
      case 'retry':
        await this.#journal.commit({
          type: 'task.retried',
          task,
          attempt,
          outcome: outcome.kind,
          reason: outcome.reason,
          retryAt: verdict.at,
          failures,
        });
        return 'retried';
      case 'park': {
        const provider = this.#member(this.#history.at(-1)?.agent ?? '').provider.name;
        await store.log([
          { type: 'provider.limited', provider, until: verdict.until, reason: outcome.reason },
        ]);
        await this.#journal.commit({
          type: 'task.released',
          task,
          attempt,
          reason: outcome.reason,
          notBefore: verdict.until,
        });
        return 'released';
      }
    }
  }

  async #fail(
    outcome: Extract<AttemptEvent, { type: 'task.failed' }>['outcome'],
    reason: string,
  ): Promise<AttemptEnd> {
    const { task, attempt } = this.#claim;
    await this.#journal.commit({ type: 'task.failed', task, attempt, outcome, reason });
    return 'failed';
  }

  /** Stopped from outside: the work is made safe, and the task goes back unless its time was up. */
  async #interrupted(): Promise<AttemptEnd> {
    const { task, attempt } = this.#claim;
    const reason = this.#control.signal.reason as StopReason;
    if (reason === 'lease-lost') return await this.#abandon();
    if (this.#workspace !== undefined) await this.#snapshot('work of an interrupted attempt');
    if (reason === 'timeout') {
      return await this.#afterFailure({ kind: 'stalled', reason: 'out of time', limit: 'timeout' });
    }
    await this.#journal.commit({ type: 'task.released', task, attempt, reason: 'stopped' });
    return 'released';
  }

  /** The task is not ours any more. A person's cancel leaves the worktree to nobody else: its work is kept. */
  async #abandon(): Promise<AttemptEnd> {
    const task = await this.#engine.store.task(this.#claim.task);
    const ours = task?.owner === undefined && task?.attempts === this.#claim.attempt;
    if (ours && this.#workspace !== undefined) await this.#snapshot('work of a cancelled attempt');
    return 'lost';
  }

  /** Something of ours broke, for example the worktree: the attempt failed, another one may do better. */
  async #crashed(error: unknown): Promise<AttemptEnd> {
    const { task, attempt } = this.#claim;
    const { config, clock, ids } = this.#engine;
    const reason = messageOf(error);
    const hopeless = error instanceof CodewalkError && HOPELESS.has(error.code);
    const failures = this.#task.failures + 1;
    if (!hopeless && failures < (this.#claim.definition.maxAttempts ?? config.retry.maxAttempts)) {
      const delayMs = Math.min(config.retry.maxMs, config.retry.baseMs * 2 ** (failures - 1)) * ids.random();
      await this.#journal.commit({
        type: 'task.retried',
        task,
        attempt,
        outcome: 'transient',
        reason,
        retryAt: Math.round(clock.now() + delayMs),
        failures,
      });
      return 'retried';
    }
    return await this.#fail('workspace', reason);
  }

  #stop(reason: StopReason): void {
    if (!this.#control.signal.aborted) this.#control.abort(reason);
  }

  async #timeout(ms: number, signal: AbortSignal): Promise<void> {
    await this.#engine.clock.sleep(ms, signal);
    if (!signal.aborted) this.#stop('timeout');
  }

  get #space(): Workspace {
    if (this.#workspace === undefined) throw new Error('The attempt has no worktree yet');
    return this.#workspace;
  }

  get #headId(): ObjectId {
    if (this.#head === undefined) throw new Error('The attempt has no head yet');
    return this.#head;
  }
}

/** Codes of errors that another attempt on this machine cannot mend. */
const HOPELESS: ReadonlySet<string> = new Set(['UNKNOWN_AGENT', 'UNKNOWN_WORKFLOW', 'NO_PROVIDER']);

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
