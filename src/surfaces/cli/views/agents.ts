import type { AgentRecord, UsageSum } from '../../../core/agents/history.ts';
import type { AgentStatus } from '../../../core/agents/status.ts';
import type { AgentView } from '../../../core/api/ports.ts';
import { duration, grouped, isoTime, money } from '../format.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { table } from '../table.ts';
import { stepJson } from './task.ts';

const LOOKS: Readonly<Record<AgentStatus, Look>> = {
  working: 'cyan',
  waiting: 'yellow',
  finished: 'green',
  failed: 'red',
  limited: 'yellow',
  stopped: 'yellow',
  paused: 'yellow',
  crashed: 'red',
};
const LAST_WORDS_LINES = 12;

export function agentJson({ agent, byHand }: AgentView, now: number): Record<string, unknown> {
  const { step, usage } = agent;
  return {
    task: agent.task,
    title: agent.title,
    status: agent.status,
    taskState: agent.taskState,
    orchestrator: agent.orchestrator ?? null,
    branch: agent.branch ?? null,
    worktree: agent.worktree ?? null,
    account: step.account,
    model: step.model ?? null,
    sandbox: step.sandbox ?? null,
    elapsedMs: (step.finishedAt ?? now) - step.startedAt,
    usage: usageJson(usage),
    lastWords: step.turn?.answer ?? null,
    byHand: byHand ?? null,
    ...stepJson(step),
    session: agent.session ?? null,
  };
}

export function usageJson(usage: UsageSum): Record<string, number> {
  return {
    turns: usage.turns,
    inputTokens: usage.inputTokens,
    cachedTokens: usage.cachedTokens,
    outputTokens: usage.outputTokens,
    unpricedTokens: usage.unpricedTokens,
    costUsd: usage.costUsd,
  };
}

export function renderAgents(
  agents: readonly AgentRecord[],
  options: { now: number; width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'AGENT' },
      { title: 'TASK' },
      { title: 'STATUS' },
      { title: 'STEP' },
      { title: 'PID', side: 'right' },
      { title: 'FOR', side: 'right' },
      { title: 'COST', side: 'right' },
      { title: 'SESSION', flexible: true },
    ],
    rows: agents.map(({ task, step, status, session, usage }) => [
      { text: safeLine(step.agent) },
      { text: safeLine(task), look: 'cyan' },
      { text: status, look: LOOKS[status] },
      { text: `${step.kind} ${step.step}` },
      { text: status === 'working' && step.process !== undefined ? String(step.process.pid) : '' },
      { text: duration((step.finishedAt ?? options.now) - step.startedAt) },
      { text: costText(usage) },
      { text: safeLine(session ?? '') },
    ]),
    width: options.width,
    paint: options.paint,
  });
}

/** What was paid; nothing where no price is known, since nothing would be said by $0.00. */
export function costText({ costUsd, unpricedTokens }: UsageSum): string {
  return costUsd === 0 && unpricedTokens > 0 ? '–' : money(costUsd);
}

export function renderAgent(view: AgentView, options: { now: number; paint: Paint }): string[] {
  const { agent, byHand } = view;
  const { step, usage, status } = agent;
  const { paint, now } = options;
  const took = duration((step.finishedAt ?? now) - step.startedAt);
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['provider', providerText(step)],
    ['session', agent.session],
    ['by hand', byHand],
    ['sandbox', step.sandbox],
    ['process', status === 'working' && step.process !== undefined ? String(step.process.pid) : undefined],
    ['worktree', agent.taskState === 'done' ? undefined : agent.worktree],
    ['step', `${step.kind} ${step.step}, attempt ${step.attempt}, since ${isoTime(step.startedAt)}`],
    ['turns', String(usage.turns)],
    ['used', usedText(usage)],
  ];
  const lines = [
    `${paint('bold', safeLine(step.agent))} on ${safeLine(agent.task)}  ${safeLine(agent.title)}`,
  ];
  lines.push(
    `  ${paint('dim', 'status    ')}  ${paint(LOOKS[status], status)} ${status === 'working' ? 'for' : 'after'} ${took}`,
  );
  for (const [name, value] of fields) {
    if (value !== undefined) lines.push(`  ${paint('dim', name.padEnd(10))}  ${safeLine(value)}`);
  }
  const words = (step.turn?.answer ?? step.summary ?? '').trim();
  if (words !== '')
    lines.push(`  ${paint('dim', 'last words')}`, ...folded(words).map((line) => `    ${line}`));
  return lines;
}

function providerText({ provider, account, model }: AgentRecord['step']): string {
  const parts = [
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(account === provider ? [] : [`account ${account}`]),
  ];
  return parts.length === 0 ? provider : `${provider}, ${parts.join(', ')}`;
}

export function usedText(usage: Omit<UsageSum, 'turns'>): string {
  const tokens = usage.inputTokens + usage.outputTokens;
  if (tokens === 0 && usage.costUsd === 0) return 'nothing told yet';
  const cached = usage.cachedTokens === 0 ? '' : ` (${grouped(usage.cachedTokens)} of them cached)`;
  const unpriced = usage.unpricedTokens === 0 ? '' : `, ${grouped(usage.unpricedTokens)} not priced`;
  const price = usage.costUsd === 0 && usage.unpricedTokens > 0 ? '' : `, ${money(usage.costUsd)}`;
  return `${grouped(tokens)} tokens${cached}${price}${unpriced}`;
}

function folded(text: string): string[] {
  const lines = safeBlock(text).split('\n');
  const rest = lines.length - LAST_WORDS_LINES;
  return rest <= 0 ? lines : [...lines.slice(0, LAST_WORDS_LINES), `… ${rest} more lines`];
}
