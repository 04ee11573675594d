import { prepared } from './prepared.ts';
import type { Session, Write } from './session.ts';

const readMeta = prepared((db, values: { key: string }, { project }) =>
  db.selectFrom('meta').select('value').where('project_id', '=', project).where('key', '=', values.key),
);

const writeMeta = prepared((db, values: { key: string; value: string }, { project }) =>
  db
    .insertInto('meta')
    .values({ project_id: project, key: values.key, value: values.value })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    ),
);

export async function getMeta(session: Session, key: string): Promise<string | undefined> {
  return (await readMeta.first(session, { key }))?.value;
}

export async function setMeta(tx: Write, key: string, value: string): Promise<void> {
  await writeMeta.run(tx, { key, value });
}
