import { judgeTurn, type StepVerdict } from '../agents/judge.ts';
import type { Question, TurnOutcome } from '../agents/outcome.ts';
import type { FailedTurn } from '../agents/retry.ts';
import { crashPoint } from '../crash-points.ts';
import type { StepKind, StepRef } from '../events/event.ts';
import { judgePlan } from '../planning/judge-plan.ts';
import { accountOf } from '../resilience/accounts.ts';
import { type FieldChange, fieldText } from '../roadmap/changed-fields.ts';
import type { StaleField } from '../tasks/task.ts';
import { type AttemptContext, type AttemptEnd, ITSELF, type SentBack } from './attempt-context.ts';
import { afterFailedTurn, interrupted } from './endings.ts';
import { proposalsOf } from './finish-planning.ts';
import { isAfterWorkflow, type NextStep } from './next-step.ts';
import type { CrewMember } from './ports.ts';
import { buildPrompt, type PromptInput } from './prompt.ts';
import { recollect } from './recollect.ts';
import { runTurn, type TurnResult } from './run-turn.ts';
import { settleQuestions } from './settle-questions.ts';
import { takeSeat } from './take-seat.ts';

export type Step = Extract<NextStep, { kind: 'step' }>;

const REVIEW_DIFF_BYTES = 60_000;
const FEEDBACK_CHARS = 16_000;
const PASSED_OUTPUT_CHARS = 4_000;
const MOST_MESSAGES = 30;

/** What was said in a step besides its result. */
interface Said {
  /** The conversation is of no use any more; the step is done again in a new one, at once. */
  readonly anew: boolean;
  /** Ids of questions of which its agent knows now what became of them. */
  readonly told: readonly string[];
  /** It may keep its slot for answers; else it has done so already. */
  readonly mayWait: boolean;
}

const SILENCE: Said = { anew: false, told: [], mayWait: true };
const GOES_ON: ReadonlySet<StepKind> = new Set(['resume', 'edited']);

/**
 * Runs one step: the project's check if the step has one, then a turn of its role, then a snapshot of what it left.
 * Returns how the attempt ended, or nothing when it goes on.
 */
export async function runStep(context: AttemptContext, next: Step): Promise<AttemptEnd | undefined> {
  const { engine, claim, journal } = context;
  const { task, attempt } = claim;
  // Steps that the merge queue asks for come without a look at the roadmap.
  await context.refresh();
  const taken = await takeSeat(context, next.agent);
  if ('end' in taken) return taken.end;
  const { isTrial } = taken.seat;
  const member = seated(context, taken.seat.member);
  context.lastStep += 1;
  const ref: StepRef = { step: context.lastStep, index: next.index, agent: next.agent, round: next.round };
  const provider = member.provider.name;
  const startedAt = engine.clock.now();
  journal.note({
    type: 'step.started',
    task,
    attempt,
    kind: next.stepKind,
    provider,
    account: accountOf(member.provider),
    ...modelOf(member),
    ...ref,
  });
  const finish = (outcome: TurnOutcome, verdict: StepVerdict, said: Partial<Said> = {}) =>
    finishStep(context, { next, ref, provider, startedAt, outcome, verdict, isTrial, ...SILENCE, ...said });

  const check = next.verify ? await checkWork(context, ref.step) : undefined;
  if (check?.kind === 'interrupted') return await interrupted(context);
  if (check?.kind === 'failed') {
    return await finish({ kind: 'success', text: '' }, { verdict: 'rejected', summary: check.feedback });
  }
  const session = next.continueSession ? context.sessionOf(member) : undefined;
  const told = await situation(context, next, member);
  const answers = context.answers;
  context.answers = [];
  // Others could write to a reviewer what it is to say.
  const messages = member.agent.verdict
    ? []
    : await engine.store.messages({ unreadBy: `task:${task}`, limit: MOST_MESSAGES });
  const { definition, revision } = context;
  const stale = member.agent.verdict ? [] : context.stale;
  const prompt = buildPrompt({
    definition,
    edits: editsOf(context, stale),
    kind: next.stepKind,
    round: next.round,
    verdict: member.agent.verdict,
    branch: context.workspace.branch,
    base: context.workspace.base,
    predecessors: context.task.needs.length === 0 ? [] : await engine.store.predecessors(task),
    feedback: next.feedback,
    verify: check,
    ...(member.backend.worksElsewhere === true ? { outside: context.workspace.path } : {}),
    continued: session !== undefined && member.backend.remembers,
    past: session === undefined ? await recollect(context, next) : undefined,
    answers,
    messages,
    ...told,
  });
  const prompted = messages.map(({ id }) => id);
  const turn = await runTurn({ context, member, step: ref.step, prompt, session, messages: prompted });
  if (turn.session !== undefined) context.sessions.set(next.agent, turn.session);
  const goneSession = turn.outcome.kind === 'context_limit' && session !== undefined;
  if (goneSession) {
    context.sessions.delete(next.agent);
    context.answers = answers;
  }
  const changed = await keepOrDiscard(context, next, member);
  if (turn.outcome.kind === 'success' && !member.agent.verdict) {
    context.told(
      revision,
      stale.map(({ field }) => field),
    );
  }
  const isHeard = turn.outcome.kind === 'success' || (turn.isLater && turn.outcome.kind === 'killed');
  if (isHeard && prompted.length > 0) await engine.store.readMessages(`task:${task}`, prompted);
  const isStopped = turn.outcome.kind !== 'success' && context.signal.aborted;
  const said: TurnOutcome = isStopped ? { kind: 'killed', byUs: true, reason: '' } : turn.outcome;
  await engine.accounts.report(accountOf(member.provider), task, said);
  if (isStopped) return await interrupted(context);
  crashPoint('result.judged');
  const judged = await judge(context, {
    outcome: turn.outcome,
    agent: member.agent,
    worktreeChanged: changed,
  });
  const verdict = isHeard ? withUntold(judged, turn) : judged;
  if (isHeard && verdict.verdict !== 'questions') await giveUpAsking(context, turn.untold);
  return await finish(turn.outcome, verdict, {
    anew: goneSession,
    // What is in its prompt it may have asked again.
    told: isHeard ? [...new Set([...answers.map(({ id }) => id), ...turn.told])] : [],
    mayWait: !turn.isLater,
  });
}

/** Whoever was told that an answer comes later has ended its turn to wait for it, whatever it says about that. */
function withUntold(verdict: StepVerdict, { untold, isLater }: TurnResult): StepVerdict {
  if (!isLater || untold.length === 0) return verdict;
  const more = verdict.verdict === 'questions' ? verdict.questions : [];
  const asked = new Set(untold.map(({ question }) => question));
  return {
    verdict: 'questions',
    questions: [...untold, ...more.filter((each) => !asked.has(each.question))],
  };
}

/** It did not wait for these: nobody needs to answer them any more. */
async function giveUpAsking({ engine, claim }: AttemptContext, untold: readonly Question[]): Promise<void> {
  if (untold.length === 0) return;
  const { task } = claim;
  const reason = 'its agent went on without an answer';
  const open = await engine.store.questions({ task, open: true });
  const left = untold.filter(({ id }) => open.some((each) => each.id === id));
  await engine.store.command(task, () =>
    left.map(({ id }) => ({ type: 'question.withdrawn', task, question: id, by: ITSELF, reason })),
  );
}

async function judge(context: AttemptContext, turn: Parameters<typeof judgeTurn>[0]): Promise<StepVerdict> {
  const { planning: order } = context.definition;
  if (order === undefined) return judgeTurn(turn);
  const { task } = context.claim;
  return await judgePlan(proposalsOf(context), { task, order, outcome: turn.outcome });
}

/** Who makes a plan only reads, whatever else the role may do. */
function seated(context: AttemptContext, member: CrewMember): CrewMember {
  if (context.definition.planning === undefined) return member;
  const { agent } = member;
  return {
    ...member,
    agent: { ...agent, verdict: false, tools: agent.tools.filter((tool) => tool !== 'edit') },
  };
}

/** Somebody has worked by the older text: whoever comes first reads the newer one only. */
function editsOf(context: AttemptContext, stale: readonly StaleField[]): readonly FieldChange[] {
  if (context.history.length === 0) return [];
  const { definition } = context;
  return stale.map(({ field, before }) => ({ field, before, after: fieldText(definition, field) }));
}

function modelOf({ agent, provider }: CrewMember): { model?: string } {
  const model = agent.model ?? provider.model;
  return model === undefined ? {} : { model };
}

/** Writes a step's end down and decides whether the attempt goes on. */
async function finishStep(
  context: AttemptContext,
  step: {
    next: Step;
    ref: StepRef;
    provider: string;
    startedAt: number;
    outcome: TurnOutcome;
    verdict: StepVerdict;
    isTrial: boolean;
  } & Said,
): Promise<AttemptEnd | undefined> {
  const { next, ref, provider, startedAt, outcome, verdict, anew, told, mayWait, isTrial } = step;
  const { task, attempt } = context.claim;
  const finishedAt = context.engine.clock.now();
  const summary = verdict.verdict === 'questions' ? '' : verdict.summary;
  const shared = { task, attempt, outcome: outcome.kind, verdict: verdict.verdict, summary, ...ref };
  const known = told.length === 0 ? {} : { told };
  context.journal.note({ type: 'step.finished', durationMs: finishedAt - startedAt, ...shared, ...known });
  context.history.push({
    ...shared,
    kind: next.stepKind,
    provider,
    state: 'finished',
    session: undefined,
    process: undefined,
    costUsd: 0,
    startedAt,
    finishedAt,
  });
  if (verdict.verdict === 'questions') {
    const { questions } = verdict;
    return await settleQuestions(context, { step: ref.step, role: next.agent, questions, mayWait });
  }
  if (verdict.verdict !== 'error' || anew) return undefined;
  // An agent that finds no plan finds none the next time either.
  const unplanned = context.definition.planning !== undefined;
  const failed: FailedTurn =
    outcome.kind !== 'success'
      ? outcome
      : unplanned
        ? { kind: 'permanent', cause: 'request', reason: summary }
        : { kind: 'transient', reason: summary };
  return await afterFailedTurn(context, next.agent, failed, isTrial);
}

type Check =
  | { kind: 'passed'; command: string; output: string }
  | { kind: 'failed'; feedback: string }
  | { kind: 'interrupted' };

/** Runs the project's own command on the work; absent when there is none. */
async function checkWork(context: AttemptContext, step: number): Promise<Check | undefined> {
  const { commands, config, logs } = context.engine;
  const { attempt } = context.claim;
  const command = context.verifyCommand();
  if (command === undefined) return undefined;
  await using log = logs.open({ task: context.place, attempt, step });
  const timeoutMs = config.merge.verifyTimeoutMs;
  await using sandbox = await context.engine.sandboxes.prepare({
    workspace: context.workspace,
    env: context.env(),
  });
  const result = await commands.run({
    command,
    cwd: context.workspace.path,
    env: sandbox.env,
    ...(sandbox.confinement === undefined ? {} : { confinement: sandbox.confinement }),
    timeoutMs,
    signal: context.signal,
    onLine: (line) => log.text(line),
  });
  crashPoint('check.ended');
  if (result.kind === 'stopped' && result.reason === 'signal') return { kind: 'interrupted' };
  if (result.kind === 'exited' && result.code === 0) {
    return { kind: 'passed', command, output: result.outputTail.slice(-PASSED_OUTPUT_CHARS) };
  }
  const how = result.kind === 'exited' ? `exited with ${result.code}` : `did not end in ${timeoutMs} ms`;
  return {
    kind: 'failed',
    feedback: `\`${command}\` ${how}:\n\n${result.outputTail.slice(-FEEDBACK_CHARS)}`,
  };
}

/** What the prompt of this kind of step needs besides the task. */
async function situation(
  context: AttemptContext,
  next: Step,
  member: CrewMember,
): Promise<Partial<PromptInput>> {
  const { workspaces } = context.engine;
  if (member.agent.verdict) {
    const diff = await workspaces.diff(context.workspace, { maxBytes: REVIEW_DIFF_BYTES });
    return { diff, workSummary: context.workSummary() };
  }
  if (!isAfterWorkflow(next.stepKind) || context.sentBack === undefined) return {};
  return sendBackPart(context.sentBack);
}

/** What the agent is told about work that came back from the merge queue. */
function sendBackPart(fact: SentBack): Partial<PromptInput> {
  if (fact.type === 'merge.verify_failed') return { verifyFailure: fact };
  if (fact.type === 'merge.refused') return { refused: fact };
  return { conflict: { files: fact.files, others: fact.others } };
}

/** Keeps what a role that may edit has left, as a commit; throws away what another role changed. */
async function keepOrDiscard(context: AttemptContext, next: Step, member: CrewMember): Promise<boolean> {
  if (!member.agent.tools.includes('edit')) {
    await context.engine.workspaces.restore(context.workspace, context.head, {
      reason: 'discarded',
      attempt: context.claim.attempt,
    });
    return false;
  }
  const changed = await context.snapshot(`${next.agent}, ${next.stepKind}`);
  // A resumed step may find its work finished by the attempt before it, an edited one that the edit changes nothing.
  return changed || (GOES_ON.has(next.stepKind) && context.head !== context.workspace.base);
}
