import { sql } from 'kysely';
import type { TaskId } from '../../core/ids.ts';
import type { MessageRecord, NewMessage } from '../../core/tasks/message.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { byIndex, listed, prepared, rowsOf, sized } from './prepared.ts';
import { TaskChange } from './projections/task-change.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';

type Filter = NonNullable<Parameters<Store['messages']>[0]>;

/** Ids of one query. */
const MOST_IDS = 500;
const OF_TASK = /^task:(.+)$/;

const insert = prepared(
  (
    db,
    values: {
      id: string;
      seq: number;
      sender: string;
      recipient: string;
      text: string;
      replyTo: string | null;
      file: string | null;
      line: number | null;
    },
    { project, now },
  ) =>
    db.insertInto('messages').values({
      project_id: project,
      id: values.id,
      seq: values.seq,
      sender: values.sender,
      recipient: values.recipient,
      text: values.text,
      reply_to: values.replyTo,
      file: values.file,
      line: values.line,
      sent_at: now,
    }),
);

const insertRead = prepared((db, values: { message: string; reader: string }, { project, now }) =>
  db
    .insertInto('message_reads')
    .values({ project_id: project, message: values.message, reader: values.reader, read_at: now }),
);

const readReads = sized((size) =>
  prepared((db, values: Record<`id${number}`, string>, { project }) =>
    db
      .selectFrom('message_reads')
      .select(['message', 'reader', 'read_at'])
      .where('project_id', '=', project)
      .where('message', 'in', listed(values, size))
      .orderBy('read_at')
      .orderBy('reader'),
  ),
);

const readUnread = prepared((db, values: { reader: string }, { project }) =>
  db
    .selectFrom('messages')
    .selectAll()
    .where('project_id', '=', project)
    .where('recipient', 'in', [values.reader, 'everyone'])
    .where('sender', '!=', values.reader)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('message_reads')
            .select('message')
            .where('message_reads.project_id', '=', project)
            .whereRef('message_reads.message', '=', 'messages.id')
            .where('message_reads.reader', '=', values.reader),
        ),
      ),
    )
    .orderBy('seq'),
);

/** See `Store.send`. */
export async function sendMessage(tx: Write, message: NewMessage): Promise<MessageRecord | 'unknown-task'> {
  const [known] = await messagesOf(tx, { id: message.id });
  if (known !== undefined) return known;
  for (const address of [message.from, message.to]) {
    const task = OF_TASK.exec(address)?.[1] as TaskId | undefined;
    if (task !== undefined && (await TaskChange.begin(tx, task)) === undefined) return 'unknown-task';
  }
  const { id, from, to, text, replyTo, file, line } = message;
  const { id: _, ...told } = message;
  const seq = await appendToLog(tx, [{ type: 'message.sent', message: id, ...told }]);
  await insert.run(tx, {
    ...{ id, seq, text },
    sender: from,
    recipient: to,
    replyTo: replyTo ?? null,
    file: file ?? null,
    line: line ?? null,
  });
  const [kept] = await messagesOf(tx, { id });
  if (kept === undefined) throw new Error(`Message ${id} was written and is not there`);
  return kept;
}

/** See `Store.readMessages`. */
export async function readMessages(
  tx: Write,
  reader: string,
  ids: readonly string[],
): Promise<readonly MessageRecord[]> {
  const wanted = new Set(ids);
  const unread = (await messagesOf(tx, { unreadBy: reader })).filter(({ id }) => wanted.has(id));
  if (unread.length === 0) return [];
  for (const { id } of unread) await insertRead.run(tx, { message: id, reader });
  await appendToLog(tx, [{ type: 'message.read', messages: unread.map(({ id }) => id), by: reader }]);
  return unread;
}

/** See `Store.messages`. */
export async function messagesOf(session: Session, filter: Filter = {}): Promise<MessageRecord[]> {
  const rows = await rowsFor(session, filter);
  const reads = new Map<string, { by: string; at: number }[]>();
  for (let from = 0; from < rows.length; from += MOST_IDS) {
    const ids = rows.slice(from, from + MOST_IDS).map(({ id }) => id);
    for (const { message, reader, read_at } of await readReads(ids.length).all(session, byIndex(ids))) {
      const known = reads.get(message) ?? [];
      reads.set(message, [...known, { by: reader, at: read_at }]);
    }
  }
  return rows.map((row) => ({
    id: row.id,
    from: row.sender,
    to: row.recipient,
    text: row.text,
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    ...(row.file === null ? {} : { file: row.file }),
    ...(row.line === null ? {} : { line: row.line }),
    sentAt: row.sent_at,
    reads: reads.get(row.id) ?? [],
  }));
}

async function rowsFor(session: Session, { id, unreadBy, of, limit }: Filter) {
  if (unreadBy !== undefined) {
    const unread = await readUnread.all(session, { reader: unreadBy });
    return limit === undefined ? unread : unread.slice(-limit);
  }
  let query = session.db
    .selectFrom('messages')
    .selectAll()
    .where('project_id', '=', session.project)
    .orderBy('seq', 'desc');
  if (id !== undefined) query = query.where('id', '=', id);
  if (of !== undefined) query = query.where((eb) => eb.or([eb('sender', '=', of), eb('recipient', '=', of)]));
  if (limit !== undefined) query = query.limit(sql.lit(limit));
  return (await rowsOf(session, query)).toReversed();
}
