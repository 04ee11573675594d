import { CodewalkError } from '../../core/errors.ts';
import type { NewEvent } from '../../core/events/event.ts';
import { eventHash, GENESIS, type Head } from './chain.ts';
import { prepared, sized } from './prepared.ts';
import type { Session, Write } from './session.ts';

/** Rows of one insert; small enough for every engine's limit of parameters. */
const MOST_ROWS = 200;

/** Where the log ends: what the events to come are numbered from, chained to and dated with. */
const readTail = prepared((db, _values: object, { project, now }) =>
  db
    .selectFrom('stream')
    .leftJoin('events', (join) =>
      join.onRef('events.project_id', '=', 'stream.project_id').onRef('events.seq', '=', 'stream.head'),
    )
    .select(['stream.head', 'events.hash', now.as('now')])
    .where('stream.project_id', '=', project),
);

const advance = prepared((db, values: { head: number }, { project }) =>
  db.updateTable('stream').set({ head: values.head }).where('project_id', '=', project),
);

const insertEvents = sized((size) =>
  prepared((db, values: Record<string, never>, { project }) =>
    db.insertInto('events').values(
      Array.from({ length: size }, (_, row) => ({
        project_id: project,
        seq: values[`seq${row}`] as unknown as number,
        at: values['at'] as unknown as number,
        type: values[`type${row}`] as unknown as string,
        task: values[`task${row}`] as unknown as string | null,
        body: values[`body${row}`] as unknown as string,
        hash: values[`hash${row}`] as unknown as string,
      })),
    ),
  ),
);

/** The row that a project's writers lock; none before the project is opened for the first time. */
export const readHead = prepared((db, _values: object, { project }) =>
  db.selectFrom('stream').select('head').where('project_id', '=', project),
);

interface Tail {
  readonly head: number;
  readonly hash: string | null;
  /** The database's clock, epoch ms. */
  readonly now: number;
}

/**
 * The facts of one transaction, in order. They get their numbers at once and are written in one piece before the
 * commit. Numbers come from one row that the writer of the project holds until then, so they have no gap and rise
 * in the order of commits.
 */
export class LogTail {
  readonly #tail: Promise<Tail>;
  readonly #facts: NewEvent[] = [];

  /** Inside of the only writer's transaction. */
  constructor(session: Session) {
    this.#tail = readTail.first(session, {}).then((row) => {
      if (row === undefined) throw new Error(`Project ${session.project} has no stream`);
      return row;
    });
    // Whoever needs it is told.
    this.#tail.catch(() => {});
  }

  /** Number of the newest event, those of this transaction included. */
  async head(): Promise<number> {
    return (await this.#tail).head + this.#facts.length;
  }

  /** The database's clock, epoch ms. */
  async now(): Promise<number> {
    return (await this.#tail).now;
  }

  add(facts: readonly NewEvent[]): void {
    this.#facts.push(...facts);
  }

  /** Writes them all. Returns where the log ends then; nothing when there was nothing to write. */
  async write(tx: Write): Promise<Head | undefined> {
    const facts = this.#facts;
    if (facts.length === 0) return undefined;
    const { head: before, hash: previous, now: at } = await this.#tail;
    if (previous === null && before > 0) throw gapBefore(tx, before);
    const head = before + facts.length;
    advance.post(tx, { head });
    let hash = previous ?? GENESIS;
    for (let from = 0; from < facts.length; from += MOST_ROWS) {
      const chunk = facts.slice(from, from + MOST_ROWS);
      const values: Record<string, string | number | null> = { at };
      chunk.forEach((event, index) => {
        const seq = before + from + index + 1;
        const task = 'task' in event ? event.task : null;
        const body = JSON.stringify(event);
        hash = eventHash(hash, { seq, at, type: event.type, task, body });
        values[`seq${index}`] = seq;
        values[`type${index}`] = event.type;
        values[`task${index}`] = task;
        values[`body${index}`] = body;
        values[`hash${index}`] = hash;
      });
      insertEvents(chunk.length).post(tx, values as Record<string, never>);
    }
    return { seq: head, hash };
  }
}

/** Adds facts to the log and returns the number of the last one. */
export async function appendToLog(tx: Write, events: readonly NewEvent[]): Promise<number> {
  tx.log.add(events);
  return await tx.log.head();
}

function gapBefore({ project }: Write, seq: number): CodewalkError {
  return new CodewalkError('STORE_CORRUPT', `Table events has no row ${seq} of project ${project}`, {
    advice: 'See what else is damaged with `cw db verify`, then bring a backup back: `cw db restore <file>`.',
  });
}

/** Number of the newest event, 0 when there is none. */
export async function headOf(session: Session): Promise<number> {
  return (await readHead.first(session, {}))?.head ?? 0;
}
