import { summaryOf } from '../agents/summary.ts';
import type { TurnEntry } from '../agents/turn.ts';
import type { AttemptContext } from './attempt-context.ts';
import type { Step } from './run-step.ts';

const DIFF_BYTES = 200_000;
const LAST_ENTRIES = 12;

/**
 * What a role that has to begin a new conversation is told of its earlier ones: its CLI does not know them any more,
 * they no longer fit, or another CLI takes over. Absent when the role has not worked on the task before.
 */
export async function recollect(context: AttemptContext, next: Step): Promise<string | undefined> {
  const { engine, journal, history, workspace, claim } = context;
  const first = history.find(({ agent }) => agent === next.agent);
  if (first === undefined) return undefined;
  // What the last turn said may not be written down yet.
  await journal.commit();
  const turns = (await engine.store.turns(claim.task)).filter(({ step }) =>
    history.some((past) => past.step === step),
  );
  const last = turns.findLast(({ agent, turn }) => agent === next.agent && turn !== undefined);
  if (last === undefined) return undefined;
  const said = await engine.store.said({ task: claim.task, step: last.step, after: -1 });
  const rejected = turns.findLast(({ verdict }) => verdict === 'rejected');
  return summaryOf({
    steps: turns,
    lastWords: said.flatMap(({ entries }) => entries.flatMap(words)).slice(-LAST_ENTRIES),
    diff: await engine.workspaces.diff(workspace, { maxBytes: DIFF_BYTES }),
    ...(next.feedback === undefined ? { feedback: rejected?.summary } : {}),
  });
}

function words(entry: TurnEntry): string[] {
  if (entry.type === 'text') return [entry.text];
  return entry.type === 'tool' && entry.status === 'started' ? [`${entry.name} ${entry.detail}`.trim()] : [];
}
