import type { Selectable } from 'kysely';
import type { SaidRecord, TurnRecord } from '../../core/agents/history.ts';
import type { TurnEntry } from '../../core/agents/turn.ts';
import type { TaskId } from '../../core/ids.ts';
import { listColumn, parseColumn } from './json-column.ts';
import { prepared } from './prepared.ts';
import { asStep, STEP_COLUMNS, type StepColumn } from './read-records.ts';
import type { Session } from './session.ts';
import type { StepsTable } from './tables.ts';

const TURN_COLUMNS = [
  'account',
  'model',
  'sandbox',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'unpriced_tokens',
  'began_at',
  'ended_at',
  'ended',
  'left_out',
  'answer',
  'prompt',
] as const;
type TurnColumn = (typeof TURN_COLUMNS)[number];

const readTurns = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('steps')
    .select([...STEP_COLUMNS, ...TURN_COLUMNS])
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .orderBy('step'),
);

/** In the order in which they began. */
export async function turnsOf(session: Session, task: TaskId): Promise<TurnRecord[]> {
  return (await readTurns.all(session, { task })).map((row) => asTurn(task, row));
}

function asTurn(task: TaskId, row: Pick<Selectable<StepsTable>, TurnColumn | StepColumn>): TurnRecord {
  const { prompt, began_at: beganAt } = row;
  return {
    ...asStep(task, row),
    account: row.account ?? row.provider,
    model: row.model ?? undefined,
    sandbox: row.sandbox ?? undefined,
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cachedTokens: row.cached_tokens,
      costUsd: row.cost_usd,
      unpricedTokens: row.unpriced_tokens,
    },
    turn:
      prompt === null || beganAt === null
        ? undefined
        : {
            prompt,
            beganAt,
            answer: row.answer ?? undefined,
            ended: row.ended ?? undefined,
            endedAt: row.ended_at ?? undefined,
            leftOut: row.left_out,
          },
  };
}

const readFirst = prepared((db, values: { task: string; step: number }, { project }) =>
  db
    .selectFrom('steps')
    .select('entries')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('step', '=', values.step),
);

const readParts = prepared((db, values: { task: string; step: number; after: number }, { project }) =>
  db
    .selectFrom('turn_parts')
    .select(['first', 'entries'])
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('step', '=', values.step)
    .where('first', '>', values.after)
    .orderBy('first'),
);

/** What was said in one turn, in order; `after` is the `first` of the last part that is known, -1 for none. */
export async function saidIn(
  session: Session,
  turn: { task: TaskId; step: number; after: number },
): Promise<SaidRecord[]> {
  const { step, after } = turn;
  const parts = await readParts.all(session, turn);
  const opening = after < 0 ? await readFirst.first(session, turn) : undefined;
  const { entries: begun = null } = opening ?? {};
  const rows = begun === null ? parts : [{ first: 0, entries: begun }, ...parts];
  return rows.map(({ first, entries }) => ({
    step,
    first,
    entries: parseColumn(listColumn, entries, {
      table: 'turn_parts',
      key: `${turn.task}/${step}/${first}`,
    }) as unknown as TurnEntry[],
  }));
}
