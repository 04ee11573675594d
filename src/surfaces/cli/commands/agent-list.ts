import { ACTIVE_STATES } from '../../../core/tasks/states.ts';
import type { StepRecord, Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { duration, money } from '../format.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { stepJson } from '../views/task.ts';

/** One agent at work: the running step of a task that an orchestrator holds. */
export interface WorkingAgent {
  readonly task: Task;
  readonly step: StepRecord;
}

export const agentList: Action = async (context) => {
  const store = await context.services.store();
  const agents: WorkingAgent[] = [];
  for (const task of await store.tasks({ states: ACTIVE_STATES })) {
    const step = (await store.steps(task.id)).findLast((each) => each.state === 'running');
    if (step === undefined) continue;
    // A continued conversation keeps the id that an earlier step learnt.
    const session =
      step.session ?? (await store.sessions(task.id)).find((each) => each.agent === step.agent)?.session;
    agents.push({ task, step: { ...step, session } });
  }
  const now = context.services.now();
  if (context.json)
    printJson(
      context,
      agents.map((agent) => agentJson(agent, now)),
    );
  else if (agents.length === 0) printLines(context, ['No agent is at work.']);
  else printLines(context, renderAgents(agents, { now, width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};

function agentJson({ task, step }: WorkingAgent, now: number): unknown {
  return {
    task: task.id,
    title: task.definition.title,
    state: task.state,
    orchestrator: task.owner ?? null,
    elapsedMs: now - step.startedAt,
    ...stepJson(step),
  };
}

function renderAgents(
  agents: readonly WorkingAgent[],
  options: { now: number; width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'AGENT' },
      { title: 'TASK' },
      { title: 'STEP' },
      { title: 'PID', side: 'right' },
      { title: 'FOR', side: 'right' },
      { title: 'COST', side: 'right' },
      { title: 'SESSION', flexible: true },
    ],
    rows: agents.map(({ task, step }) => [
      { text: safeLine(step.agent) },
      { text: safeLine(task.id), look: 'cyan' },
      { text: `${step.kind} ${step.step}` },
      { text: step.process === undefined ? '' : String(step.process.pid) },
      { text: duration(options.now - step.startedAt) },
      { text: money(step.costUsd) },
      { text: safeLine(step.session ?? '') },
    ]),
    width: options.width,
    paint: options.paint,
  });
}
