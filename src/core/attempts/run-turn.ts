import type { AgentResult, Question, TurnOutcome } from '../agents/outcome.ts';
import type { ProviderSpec, SessionRef } from '../agents/ports.ts';
import { howEnded } from '../agents/turn.ts';
import { crashPoint } from '../crash-points.ts';
import type { OpenDoor } from '../door/ports.ts';
import { TurnDesk } from '../door/turn-desk.ts';
import { messageOf } from '../errors.ts';
import { TurnTalk } from '../inbox/turn-talk.ts';
import { planResultSchema } from '../planning/proposal-schema.ts';
import type { SessionRecord } from '../tasks/task.ts';
import type { AttemptContext } from './attempt-context.ts';
import { endingLine, SaidTail } from './ending-line.ts';
import { OutputFeed } from './output-feed.ts';
import { silenceAllowedMs } from './patience.ts';
import type { CrewMember } from './ports.ts';
import { TurnHistory } from './turn-history.ts';

/** One turn of one role in the attempt's worktree. */
export interface TurnRequest {
  readonly context: AttemptContext;
  readonly member: CrewMember;
  readonly step: number;
  readonly prompt: string;
  readonly session: SessionRecord | undefined;
  /** Ids of the messages in the prompt. */
  readonly messages: readonly string[];
}

export interface TurnResult {
  /** With what the agent reported as its result, where it did so, in the place of what it printed. */
  readonly outcome: TurnOutcome;
  /** What it asked while it worked and was not told the answer of, by the ids in the task. */
  readonly untold: readonly Question[];
  /** It was told to end its turn, because an answer comes later. */
  readonly isLater: boolean;
  /** Ids of its questions that it was told the answers of while it worked. */
  readonly told: readonly string[];
  /** The session as it stands now, to continue later. */
  readonly session: SessionRecord | undefined;
}

/**
 * Sends one prompt and writes down what comes back: the process as soon as it runs, the session as soon as it is
 * known, usage, bounded output, and what was said. Every line goes to the log files. Throws only when a fact cannot be written.
 */
export async function runTurn(request: TurnRequest): Promise<TurnResult> {
  const { context, member, step } = request;
  const { engine, journal, claim, signal } = context;
  const { task, attempt } = claim;
  const { agent } = member;
  engine.tenure.check();
  await using log = engine.logs.open({ task: context.place, attempt, step });
  const feed = new OutputFeed({ journal, clock: engine.clock, step });
  const history = new TurnHistory({ journal, clock: engine.clock, step, prompt: request.prompt });
  const turn = { task, attempt, step, role: agent.role };
  const { store, clock, ids, slots, config } = engine;
  const { branch } = context.workspace;
  const prompted = new Set(request.messages);
  using talk = new TurnTalk({ store, journal, clock, ids, slots, config, turn, prompted });
  const desk = new TurnDesk({ store, journal, turn, agent, branch, talk });
  await using door = await engine.doors.open(turn, desk);
  const provider = throughDoor(member.provider, door);
  await using sandbox = await engine.sandboxes.prepare({
    workspace: context.workspace,
    agent,
    provider,
    env: withDoor(
      {
        ...context.env(),
        CW_STEP: String(step),
        CW_ROLE: agent.role,
        CW_ORCHESTRATOR: engine.orchestrator,
      },
      door,
    ),
    door,
  });
  await using conversation = member.backend.open({
    cwd: context.workspace.path,
    provider,
    agent,
    env: sandbox.env,
    ...(sandbox.confinement === undefined ? {} : { confinement: sandbox.confinement }),
    ...(request.session === undefined ? {} : { session: sessionRef(request.session) }),
    mcp: door.mcp,
    limits: { ...engine.config.limits, silenceMs: silenceAllowedMs(engine.config) },
    ...budgetOf(context),
    ...(context.definition.planning === undefined ? {} : { resultSchema: planResultSchema }),
    grants: context.grants,
    onRawLine: (line) => log.raw(line),
    signal: AbortSignal.any([signal, talk.leave]),
    // What an agent does when it is told to stop is its own business: it may tidy up.
    beforeStop: () =>
      engine.workspaces
        .save(context.workspace, { reason: 'killed', attempt })
        .catch((error: unknown) => log.text(`[notice] not saved before the stop: ${messageOf(error)}`)),
  });

  let session = request.session;
  let outcome: TurnOutcome = { kind: 'transient', reason: `${provider.name} ended without saying how` };
  const said = new SaidTail();
  for await (const event of conversation.send(request.prompt)) {
    history.add(event);
    switch (event.type) {
      case 'process':
        // Before the prompt is sent: a crash from here on finds the step and the process.
        await journal.commit({
          type: 'agent.started',
          task,
          attempt,
          step,
          process: event.identity,
          sandbox: sandbox.mode,
          resumed: request.session !== undefined,
        });
        crashPoint('agent.recorded');
        break;
      case 'session':
        journal.note({
          type: 'agent.session',
          task,
          attempt,
          step,
          agent: agent.role,
          provider: provider.name,
          session: event.sessionId,
        });
        // A known session is durable already.
        if (session?.session === event.sessionId) break;
        session = {
          task,
          agent: agent.role,
          provider: provider.name,
          session: event.sessionId,
          totals: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 },
        };
        crashPoint('session.named');
        await journal.commit();
        crashPoint('session.kept');
        break;
      case 'text':
        log.text(event.text);
        said.add(event.text);
        feed.add(event.text);
        break;
      case 'tool':
        log.text(`[${event.status}] ${event.name} ${event.detail}`);
        if (event.status !== 'completed') feed.add(`⚙ ${event.name} ${event.detail}`);
        break;
      case 'usage':
        context.spentUsd += event.usage.costUsd;
        if (session !== undefined) session = { ...session, totals: event.totals };
        journal.note({
          type: 'agent.usage',
          task,
          attempt,
          step,
          agent: agent.role,
          provider: provider.name,
          usage: event.usage,
          totals: event.totals,
        });
        break;
      case 'retrying':
        log.text(`[retrying] ${event.reason}`);
        await journal.commit({
          type: 'agent.retrying',
          task,
          attempt,
          step,
          reason: event.reason,
          delayMs: event.delayMs ?? 0,
        });
        break;
      case 'limit':
        log.text(`[limit ${event.status}] ${event.reason}`);
        feed.add(`limit ${event.status}: ${event.reason}`);
        break;
      case 'notice':
        log.text(`[notice] ${event.message}`);
        break;
      case 'outcome':
        outcome = event.outcome;
        log.text(endingLine(outcome, said));
        break;
    }
  }
  crashPoint('turn.ended');
  await feed.end();
  history.end(outcome);
  journal.note({
    type: 'agent.ended',
    task,
    attempt,
    step,
    agent: agent.role,
    how: howEnded(outcome),
    reason: outcome.kind === 'success' ? '' : outcome.reason,
  });
  return {
    outcome: asReported(outcome, desk.reported),
    untold: talk.untold,
    isLater: talk.isLater,
    told: talk.told,
    session,
  };
}

/** A result that was reported counts more than a printed one, of a turn that ended by itself. */
function asReported(outcome: TurnOutcome, result: AgentResult | undefined): TurnOutcome {
  return result === undefined || outcome.kind !== 'success' ? outcome : { ...outcome, result };
}

/** The door's directory comes first on the PATH, and the rest stays as it is. */
function withDoor(env: Readonly<Record<string, string>>, door: OpenDoor): Record<string, string> {
  const { PATH, ...variables } = door.env;
  const path = [PATH, env['PATH']].filter((part) => part !== undefined && part !== '').join(':');
  return { ...env, ...variables, ...(path === '' ? {} : { PATH: path }) };
}

/** A provider may have a PATH of its own, which would hide the door's. */
function throughDoor(provider: ProviderSpec, { env: { PATH } }: OpenDoor): ProviderSpec {
  const own = provider.env['PATH'];
  if (own === undefined || PATH === undefined) return provider;
  return { ...provider, env: { ...provider.env, PATH: `${PATH}:${own}` } };
}

/** What is left of the task's money, for a CLI that stops at a limit by itself. */
function budgetOf({ engine, definition, spentUsd }: AttemptContext): {
  budget?: { usd?: number; turns?: number };
} {
  const { budget } = definition;
  const limit = engine.budgets.ofTask(definition);
  if (limit === undefined) return budget === undefined ? {} : { budget };
  return { budget: { ...budget, usd: Math.max(0, limit - spentUsd) } };
}

function sessionRef(record: SessionRecord): SessionRef {
  return { sessionId: record.session, totals: record.totals };
}
