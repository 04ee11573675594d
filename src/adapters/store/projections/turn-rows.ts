import type { AgentEnd, TurnPart } from '../../../core/agents/turn.ts';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

interface TurnKey {
  task: string;
  step: number;
}

interface TurnEnd {
  answer: string | null;
  ended: AgentEnd | null;
  endedAt: number | null;
  leftOut: number;
}

/** The columns of a turn's end. */
function endOf({ answer, ended, endedAt, leftOut }: TurnEnd) {
  return { answer, ended, ended_at: endedAt, left_out: leftOut };
}

const beginTurn = prepared(
  (db, values: TurnKey & TurnEnd & { prompt: string; beganAt: number; entries: string }, { project }) =>
    db
      .updateTable('steps')
      .set({
        prompt: values.prompt,
        began_at: values.beganAt,
        entries: values.entries,
        ...endOf(values),
      })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('step', '=', values.step),
);

const endTurn = prepared((db, values: TurnKey & TurnEnd, { project }) =>
  db
    .updateTable('steps')
    .set(endOf(values))
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('step', '=', values.step),
);

const insertPart = prepared((db, values: TurnKey & { first: number; entries: string }, { project }) =>
  db.insertInto('turn_parts').values({
    project_id: project,
    task: values.task,
    step: values.step,
    first: values.first,
    entries: values.entries,
  }),
);

/** The step must be there. A turn that begins and ends between two commits is one write. */
export async function recordTurn({ tx, id }: TaskChange, part: TurnPart): Promise<void> {
  const { step, first, began, ended } = part;
  const key = { task: id, step };
  const end: TurnEnd = {
    answer: ended?.answer ?? null,
    ended: ended?.how ?? null,
    endedAt: ended?.at ?? null,
    leftOut: ended?.leftOut ?? 0,
  };
  const entries = JSON.stringify(part.entries);
  if (began !== undefined) {
    await beginTurn.run(tx, { ...key, ...end, prompt: began.prompt, beganAt: began.at, entries });
    return;
  }
  if (part.entries.length > 0) await insertPart.run(tx, { ...key, first, entries });
  if (ended !== undefined) await endTurn.run(tx, { ...key, ...end });
}

const readOpenTurns = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('steps')
    .select(['step', 'attempt', 'agent'])
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('began_at', 'is not', null)
    .where('ended', 'is', null)
    .orderBy('step'),
);

/** Ends the turns of a task that is taken from its agents: they cannot tell it any more. */
export async function endOpenTurns(
  change: TaskChange,
  end: { how: Extract<AgentEnd, 'crashed' | 'stopped'>; reason: string },
): Promise<void> {
  const { tx, id: task, row } = change;
  const { how, reason } = end;
  for (const { step, attempt, agent } of await readOpenTurns.all(tx, { task })) {
    change.facts.push({ type: 'agent.ended', task, attempt, step, agent, how, reason });
    await endTurn.run(tx, { task, step, answer: reason, ended: how, endedAt: row.now, leftOut: 0 });
  }
}
