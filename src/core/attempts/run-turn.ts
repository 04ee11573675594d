import type { TurnOutcome } from '../agents/outcome.ts';
import type { SessionRef } from '../agents/ports.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import type { SessionRecord } from '../tasks/task.ts';
import type { Workspace } from '../workspaces/ports.ts';
import type { Engine } from './engine.ts';
import type { Journal } from './journal.ts';
import { OutputFeed } from './output-feed.ts';
import type { CrewMember } from './ports.ts';

/** One turn of one role in one worktree. */
export interface TurnRequest {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly member: CrewMember;
  readonly workspace: Workspace;
  readonly step: number;
  readonly prompt: string;
  readonly definition: TaskDefinition;
  readonly session: SessionRecord | undefined;
  readonly signal: AbortSignal;
}

export interface TurnResult {
  readonly outcome: TurnOutcome;
  /** The session as it stands now, to continue later. */
  readonly session: SessionRecord | undefined;
  readonly costUsd: number;
}

/**
 * Sends one prompt and writes down what comes back: the process as soon as it runs, the session as soon as it is
 * known, usage, and bounded output. Every line goes to the log files. Throws only when a fact cannot be written.
 */
export async function runTurn(request: TurnRequest): Promise<TurnResult> {
  const { engine, journal, member, workspace, step, definition } = request;
  const { task, attempt } = journal.lease;
  const { agent, provider } = member;
  await using log = engine.logs.open({ task, attempt, step });
  const feed = new OutputFeed({ journal, clock: engine.clock, step, signal: request.signal });
  await using conversation = member.backend.open({
    cwd: workspace.path,
    provider,
    agent,
    ...(request.session === undefined ? {} : { session: sessionRef(request.session) }),
    mcp: [],
    env: {
      ...engine.env,
      CW_TASK_ID: task,
      CW_ATTEMPT: String(attempt),
      CW_STEP: String(step),
      CW_ROLE: agent.role,
      CW_WORKTREE: workspace.path,
      CW_ORCHESTRATOR: engine.orchestrator,
    },
    limits: engine.config.limits,
    ...(definition.budget === undefined ? {} : { budget: definition.budget }),
    onRawLine: (line) => log.raw(line),
    signal: request.signal,
  });

  let session = request.session;
  let costUsd = 0;
  let outcome: TurnOutcome = { kind: 'transient', reason: `${provider.name} ended without saying how` };
  for await (const event of conversation.send(request.prompt)) {
    switch (event.type) {
      case 'process':
        await journal.commit({ type: 'agent.started', task, attempt, step, process: event.identity });
        break;
      case 'session':
        if (session?.session === event.sessionId) break;
        session = {
          task,
          agent: agent.role,
          provider: provider.name,
          session: event.sessionId,
          totals: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 },
        };
        await journal.commit({
          type: 'agent.session',
          task,
          attempt,
          step,
          agent: agent.role,
          provider: provider.name,
          session: event.sessionId,
        });
        break;
      case 'text':
        log.text(event.text);
        feed.add(event.text);
        break;
      case 'tool':
        log.text(`[${event.status}] ${event.name} ${event.detail}`);
        if (event.status !== 'completed') feed.add(`⚙ ${event.name} ${event.detail}`);
        break;
      case 'usage':
        costUsd += event.usage.costUsd;
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
        log.text(`[${outcome.kind}] ${outcome.kind === 'success' ? outcome.text : outcome.reason}`);
        break;
    }
  }
  await feed.end();
  return { outcome, session, costUsd };
}

function sessionRef(record: SessionRecord): SessionRef {
  return { sessionId: record.session, totals: record.totals };
}
