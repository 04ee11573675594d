import type { TurnOutcome } from '../agents/outcome.ts';
import type { Usage } from '../agents/ports.ts';
import { NO_TOTALS } from '../agents/totals.ts';
import { howEnded } from '../agents/turn.ts';
import type { Engine } from '../attempts/engine.ts';
import type { CrewMember } from '../attempts/ports.ts';
import { crashPoint } from '../crash-points.ts';
import { accountOf } from '../resilience/accounts.ts';
import { present } from '../source/present.ts';
import { NO_TASK } from '../tasks/ports.ts';
import type { QuestionRecord, SessionRecord } from '../tasks/task.ts';
import type { ReadingCopies } from '../workspaces/ports.ts';
import { ADVICE_SCHEMA, type Advice, parseAdvice } from './advice.ts';
import { adviceId, advicePrompt } from './advice-prompt.ts';
import { ORCHESTRATOR, ORCHESTRATOR_ROLE } from './stage.ts';

/** What asking the orchestrator's agent works with. */
export type ConsultParts = Pick<
  Engine,
  'store' | 'config' | 'clock' | 'logs' | 'sandboxes' | 'integration' | 'tenure' | 'orchestrator' | 'env'
> & { readonly reading: ReadingCopies };

/** What came of it: what it says to each question, by `adviceId`, or why nothing. */
export type Consulted =
  | { kind: 'advised'; advice: ReadonlyMap<string, Advice>; outcome: TurnOutcome }
  | { kind: 'silent'; reason: string; outcome: TurnOutcome };

/**
 * Asks the orchestrator's agent about some questions, in one turn of its one conversation, which it reads the plan and
 * the integration branch for. What the turn costs, and its session, are durable before its answers are used.
 */
export async function consult(
  parts: ConsultParts,
  member: CrewMember,
  questions: readonly QuestionRecord[],
  signal: AbortSignal,
): Promise<Consulted> {
  const session = await sessionOf(parts, member);
  const first = await turnWith(parts, member, questions, { session, signal });
  if (first.kind === 'advised' || session === undefined || first.outcome.kind !== 'context_limit')
    return first;
  // Its conversation is full, or gone: what matters of it is in the prompt of the next one.
  return await turnWith(parts, member, questions, { session: undefined, signal });
}

async function sessionOf({ store }: ConsultParts, member: CrewMember): Promise<SessionRecord | undefined> {
  const known = await store.sessions(NO_TASK);
  return known.find(
    ({ agent, provider }) => agent === ORCHESTRATOR_ROLE && provider === member.provider.name,
  );
}

async function turnWith(
  parts: ConsultParts,
  member: CrewMember,
  questions: readonly QuestionRecord[],
  { session: before, signal }: { session: SessionRecord | undefined; signal: AbortSignal },
): Promise<Consulted> {
  const { store, config, clock, logs, sandboxes, integration, tenure, orchestrator, env, reading } = parts;
  const { provider } = member;
  tenure.check();
  const { integrationBranch, target } = config.merge;
  const at = await integration.ensureBranch(integrationBranch, target);
  const workspace = await reading.open(ORCHESTRATOR_ROLE, at);
  // It only reads, whatever else the role may do.
  const agent = {
    ...member.agent,
    verdict: false,
    tools: member.agent.tools.filter((tool) => tool === 'read' || tool === 'web'),
  };
  const messages = await store.messages({ unreadBy: ORCHESTRATOR });
  const prompt = advicePrompt({
    questions,
    tasks: await store.tasks(),
    earlier: (await store.questions({ open: false })).filter(({ answer }) => answer !== undefined),
    messages,
  });
  await using log = logs.open({ task: workspace.task, attempt: await store.head(), step: 1 });
  await using sandbox = await sandboxes.prepare({
    workspace,
    agent,
    provider,
    env: { ...env, CW_ROLE: agent.role, CW_ORCHESTRATOR: orchestrator, CW_WORKTREE: workspace.path },
  });
  const { answerMs } = config.questions;
  const { totalMs } = config.limits;
  await using conversation = member.backend.open({
    cwd: workspace.path,
    provider,
    agent,
    env: sandbox.env,
    ...(sandbox.confinement === undefined ? {} : { confinement: sandbox.confinement }),
    ...(before === undefined ? {} : { session: { sessionId: before.session, totals: before.totals } }),
    mcp: [],
    limits: { ...config.limits, totalMs: totalMs === 0 ? answerMs : Math.min(answerMs, totalMs) },
    resultSchema: ADVICE_SCHEMA,
    onRawLine: (line) => log.raw(line),
    signal,
  });

  const startedAt = clock.now();
  let session = before;
  let usage: Usage = NO_TOTALS;
  let outcome: TurnOutcome = { kind: 'transient', reason: `${provider.name} ended without saying how` };
  for await (const event of conversation.send(prompt)) {
    if (event.type === 'session' && event.sessionId !== session?.session) {
      session = {
        task: NO_TASK,
        agent: agent.role,
        provider: provider.name,
        session: event.sessionId,
        totals: NO_TOTALS,
      };
    } else if (event.type === 'usage') {
      usage = plus(usage, event.usage);
      if (session !== undefined) session = { ...session, totals: event.totals };
    } else if (event.type === 'text') log.text(event.text);
    else if (event.type === 'outcome') outcome = event.outcome;
  }
  const answers =
    outcome.kind === 'success' && outcome.result?.status === 'done' ? outcome.result.answers : [];
  const advice = outcome.kind === 'success' ? parseAdvice(answers) : undefined;
  const reason = reasonOf(outcome, advice);
  log.text(`[${outcome.kind}] ${reason ?? 'advised'}`);
  await store.consulted({
    event: {
      type: 'agent.consulted',
      agent: agent.role,
      provider: provider.name,
      account: accountOf(provider),
      ...present({ model: agent.model ?? provider.model }),
      questions: questions.map(adviceId),
      how: howEnded(outcome),
      reason: reason ?? '',
      usage,
      durationMs: clock.now() - startedAt,
    },
    session: outcome.kind === 'context_limit' ? undefined : session,
  });
  if (reason !== undefined || advice === undefined) {
    return { kind: 'silent', reason: reason ?? '', outcome };
  }
  if (messages.length > 0) {
    await store.readMessages(
      ORCHESTRATOR,
      messages.map(({ id }) => id),
    );
  }
  crashPoint('question.advised');
  return { kind: 'advised', advice, outcome };
}

/** Why there is no advice. */
function reasonOf(outcome: TurnOutcome, advice: ReadonlyMap<string, Advice> | undefined): string | undefined {
  if (outcome.kind !== 'success') return outcome.reason === '' ? outcome.kind : outcome.reason;
  if (outcome.result?.status === 'error') return outcome.result.reason;
  if (outcome.result?.status === 'questions') return 'it has questions itself';
  return advice === undefined || advice.size === 0 ? 'its answer cannot be read' : undefined;
}

function plus(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd + b.costUsd,
    ...(b.priced === undefined ? {} : { priced: b.priced }),
  };
}
