import { timeOfDay } from '../../cli/format.ts';
import type { Look as CliLook } from '../../cli/style.ts';
import type { EventRow } from '../project/event-rows.ts';
import type { Look } from '../theme.ts';
import { type Row, type Rows, rowsOfItems } from './list.ts';
import { memoised } from './memoised.ts';

const LOOKS: Readonly<Record<CliLook, Look>> = {
  bold: 'bold',
  dim: 'dim',
  red: 'error',
  green: 'done',
  yellow: 'warning',
  blue: 'notice',
  cyan: 'notice',
  magenta: 'critical',
};

/** What has happened, the newest last; with `all` also what is of little interest. */
export function eventRows(events: readonly EventRow[], all: boolean): Rows {
  return rowsOfItems(all ? events : mainEvents(events), {
    key: ({ seq }) => String(seq),
    text: ({ text }) => text,
    row: rowOf,
  });
}

const mainEvents = memoised((events: readonly EventRow[]) => events.filter(({ isDetail }) => !isDetail));

function rowOf({ seq, at, task, text, look }: EventRow): Row {
  return {
    key: String(seq),
    task,
    spans: () => [
      [`${timeOfDay(at)} `, 'dim'],
      [text, look === undefined ? undefined : LOOKS[look]],
    ],
  };
}
