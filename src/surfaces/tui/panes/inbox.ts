import { money } from '../../cli/format.ts';
import type { Span } from '../draw.ts';
import type { InboxItem } from '../project/inbox.ts';
import type { Look } from '../theme.ts';
import { type Row, type Rows, rowsOfItems } from './list.ts';

export interface InboxRow extends Row {
  readonly item: InboxItem;
}

/** What waits for the person. */
export function inboxRows(items: readonly InboxItem[]): Rows<InboxRow> {
  return rowsOfItems(items, {
    key: (item) => wordsOf(item).key,
    text: (item) => {
      const { what, task, text } = wordsOf(item);
      return `${what} ${task ?? ''} ${text}`;
    },
    row: rowOf,
  });
}

function rowOf(item: InboxItem): InboxRow {
  const { key, task, what, text, look } = wordsOf(item);
  return {
    key,
    task,
    item,
    spans: ({ sign }): readonly Span[] => [
      [`${look === 'failed' ? sign('failed') : sign('waiting')} ${what} `, look],
      ...(task === undefined ? [] : ([[`${task}  `, 'bold']] as const)),
      [text.split('\n')[0] ?? ''],
    ],
  };
}

interface Words {
  readonly key: string;
  readonly task: string | undefined;
  readonly what: string;
  readonly text: string;
  readonly look: Look;
}

function wordsOf(item: InboxItem): Words {
  switch (item.kind) {
    case 'question': {
      const { task, id, question, stage } = item.question;
      const what = stage === 'person' ? 'question' : 'question to the orchestrator';
      return { key: `question:${task}/${id}`, task, what, text: question, look: 'waiting' };
    }
    case 'approval': {
      const { task, id, question } = item.question;
      return { key: `question:${task}/${id}`, task, what: 'approve', text: question, look: 'waiting' };
    }
    case 'message': {
      const { id, from, text } = item.message;
      const task = from.startsWith('task:') ? from.slice('task:'.length) : undefined;
      const what = task === undefined ? `message of ${from}` : 'message';
      return { key: `message:${id}`, task, what, text, look: 'notice' };
    }
    case 'roadmap':
      return {
        key: 'roadmap',
        task: undefined,
        what: 'roadmap',
        text: item.problem.message,
        look: 'warning',
      };
    case 'plan': {
      const { id, goal } = item.plan;
      return { key: `plan:${id}`, task: id, what: 'plan', text: goal, look: 'waiting' };
    }
    case 'account': {
      const { account, reason } = item.account;
      const text = `${account} takes no work: ${reason}`;
      return { key: `account:${account}`, task: undefined, what: 'provider', text, look: 'failed' };
    }
    case 'budget': {
      const { scope, limitUsd } = item.budget;
      const text = `${money(limitUsd)} of this ${scope} are spent`;
      return { key: `budget:${scope}`, task: undefined, what: 'budget', text, look: 'warning' };
    }
    case 'delivery':
      return { key: 'delivery', task: undefined, what: 'delivery', text: item.text, look: 'warning' };
    case 'failed': {
      const { id, reason } = item.task;
      return { key: `failed:${id}`, task: id, what: 'failed', text: reason ?? '', look: 'failed' };
    }
  }
}
