import type { Row, StoredProject } from './stored-project.ts';

/** A task as its row in the database has it. */
export interface StoredTask {
  readonly id: string;
  readonly title: string;
  readonly path: readonly string[];
  readonly state: string;
  readonly isReady: boolean;
  readonly pausedBy: string | undefined;
  readonly attempts: number;
  readonly finishedAt: number;
  readonly notBefore: number | undefined;
  readonly reason: string;
  readonly place: string;
}

/** All that the database says and that a person is to see, by statements of our own. */
export interface Stored {
  /** In roadmap order. */
  readonly tasks: readonly StoredTask[];
  /** The open ones, oldest first. */
  readonly questions: readonly {
    readonly task: string;
    readonly text: string;
    readonly isForPerson: boolean;
    readonly isApproval: boolean;
    readonly at: number;
  }[];
  /** To the person, unread. */
  readonly messages: readonly { readonly from: string; readonly text: string; readonly at: number }[];
  /** Open ones, oldest first. */
  readonly plans: readonly { readonly id: string; readonly goal: string; readonly at: number }[];
  /** Accounts that wait for a person. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** Oldest first. */
  readonly merges: readonly { readonly task: string; readonly state: string; readonly bounces: number }[];
  /** Without what agents print and use. */
  readonly events: readonly {
    readonly seq: number;
    readonly at: number;
    readonly task: string | undefined;
    readonly type: string;
  }[];
  readonly isPaused: boolean;
  readonly costUsd: number;
  /** Accounts that take no work, with when they do again. */
  readonly closed: ReadonlyMap<string, number>;
  /** By task, the account of its newest step. */
  readonly accountOf: ReadonlyMap<string, string>;
}

export async function stored(project: StoredProject): Promise<Stored> {
  const rows = (statement: string): Promise<readonly Row[]> => project.rows(statement);
  const tasks = await rows(
    `select id, definition, state, pending_needs, attempts, finished_at, not_before, reason, place,
       paused_by from tasks where state <> 'archived' order by position, id`,
  );
  const questions = await rows(
    `select task, question, kind, stage, asked_at from questions where state = 'open'
     order by asked_at, task, ordinal`,
  );
  const messages = await rows(
    `select sender, text, sent_at from messages m
     where recipient in ('person', 'everyone') and sender <> 'person' and not exists
       (select 1 from message_reads r where r.message = m.id and r.reader = 'person')
     order by seq`,
  );
  const plans = await rows(
    `select id, goal, proposed_at from plans where state = 'open' order by proposed_at, id`,
  );
  const refused = await rows(
    `select name, reason from providers where cause in ('auth', 'billing') order by name`,
  );
  const merges = await rows(
    `select id, merge_state, bounces from tasks where merge_state is not null order by merge_at, position`,
  );
  const events = await rows(
    `select seq, at, task, type from events where type not in ('agent.output', 'agent.usage') order by seq`,
  );
  const steps = await rows(`select task, account, cost_usd from steps order by task, step`);
  const pauses = await rows(`select 1 from meta where key = 'paused'`);
  const closed = await rows(`select name, parked_until from providers where cause is not null`);
  return {
    tasks: tasks.map(taskOf),
    questions: questions.map((row) => ({
      task: String(row['task']),
      text: String(row['question']),
      isForPerson: row['stage'] === 'person',
      isApproval: row['kind'] === 'approval',
      at: Number(row['asked_at']),
    })),
    messages: messages.map((row) => ({
      from: String(row['sender']),
      text: String(row['text']),
      at: Number(row['sent_at']),
    })),
    plans: plans.map((row) => ({
      id: String(row['id']),
      goal: String(row['goal']),
      at: Number(row['proposed_at']),
    })),
    refused: refused.map((row) => ({ name: String(row['name']), reason: String(row['reason']) })),
    merges: merges.map((row) => ({
      task: String(row['id']),
      state: String(row['merge_state']),
      bounces: Number(row['bounces']),
    })),
    events: events.map((row) => ({
      seq: Number(row['seq']),
      at: Number(row['at']),
      task: row['task'] === null ? undefined : String(row['task']),
      type: String(row['type']),
    })),
    isPaused: pauses.length > 0,
    costUsd: steps.reduce((sum, row) => sum + Number(row['cost_usd']), 0),
    closed: new Map(closed.map((row) => [String(row['name']), Number(row['parked_until'])])),
    accountOf: new Map(steps.map((row) => [String(row['task']), String(row['account'])])),
  };
}

function taskOf(row: Row): StoredTask {
  const definition = JSON.parse(String(row['definition'])) as {
    title: string;
    path: Record<string, string>;
  };
  const { initiative, phase, plan } = definition.path;
  return {
    id: String(row['id']),
    title: definition.title,
    path: [initiative, phase, plan].filter((each) => each !== undefined),
    state: String(row['state']),
    isReady: row['state'] === 'pending' && Number(row['pending_needs']) === 0 && row['paused_by'] === null,
    pausedBy: row['paused_by'] === null ? undefined : String(row['paused_by']),
    attempts: Number(row['attempts']),
    finishedAt: Number(row['finished_at'] ?? 0),
    notBefore: row['not_before'] === null ? undefined : Number(row['not_before']),
    reason: String(row['reason'] ?? ''),
    place: String(row['place'] ?? row['id']),
  };
}
