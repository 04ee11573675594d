import type { AgentEnd } from '../../core/agents/turn.ts';
import { assertNever } from '../../core/errors.ts';
import type { EventType, LoggedEvent, NewEvent } from '../../core/events/event.ts';
import { count, duration, isoTime, money, shortId } from './format.ts';
import { safeJson, safeLine } from './safe-text.ts';
import type { Look } from './style.ts';

/** What one event says to a person, in one line that is safe to print. */
export interface EventText {
  readonly text: string;
  readonly look: Look | undefined;
}

/**
 * Every type of event. `main` ones matter to someone who watches a run; `detail` is for `--verbose` and
 * `cw events`.
 */
const WEIGHTS = {
  'task.added': 'main',
  'task.claimed': 'detail',
  'task.started': 'main',
  'worktree.prepared': 'main',
  'step.started': 'main',
  'agent.started': 'detail',
  'agent.session': 'detail',
  'agent.output': 'detail',
  'agent.usage': 'detail',
  'agent.retrying': 'main',
  'agent.ended': 'detail',
  'step.finished': 'main',
  'task.snapshotted': 'detail',
  'task.asked': 'main',
  'question.asked': 'main',
  'agent.reported': 'main',
  'merge.queued': 'detail',
  'merge.started': 'detail',
  'merge.verified': 'main',
  'merge.refused': 'main',
  'merge.verify_failed': 'main',
  'merge.conflicted': 'main',
  'merge.intended': 'detail',
  'merge.done': 'detail',
  'task.done': 'main',
  'task.retried': 'main',
  'task.failed': 'main',
  'task.released': 'main',
  'task.blocked': 'main',
  'task.unblocked': 'main',
  'task.skipped': 'main',
  'task.cancelled': 'main',
  'task.reset': 'main',
  'task.paused': 'main',
  'task.resumed': 'main',
  'task.answered': 'main',
  'question.escalated': 'main',
  'question.withdrawn': 'main',
  'task.archived': 'main',
  'task.edited': 'main',
  'task.renamed': 'main',
  'task.refreshed': 'main',
  'orchestrator.started': 'main',
  'orchestrator.stopped': 'main',
  'orchestrator.lost': 'main',
  'orchestrator.dismissed': 'main',
  'orchestrator.fenced': 'main',
  'write.refused': 'main',
  'roadmap.followed': 'detail',
  'roadmap.unfollowed': 'detail',
  'roadmap.synced': 'main',
  'roadmap.rejected': 'main',
  'roadmap.held': 'main',
  'roadmap.confirmed': 'main',
  'provider.limited': 'main',
  'provider.opened': 'main',
  'provider.closed': 'main',
  'budget.reached': 'main',
  'work.restored': 'main',
  'store.full': 'main',
  'store.freed': 'main',
  'store.restored': 'main',
  'log.accepted': 'main',
  'delivery.done': 'main',
  'delivery.refused': 'main',
  'delivery.proposed': 'main',
  'agent.consulted': 'main',
  'message.sent': 'main',
  'message.read': 'detail',
  'plan.proposed': 'main',
  'plan.applied': 'main',
  'plan.dropped': 'main',
  'plan.finished': 'main',
  'server.started': 'detail',
  'server.stopped': 'detail',
  'files.followed': 'detail',
  'files.unfollowed': 'detail',
  'files.conflicted': 'main',
  'files.rejected': 'main',
  'notice.undelivered': 'main',
  'project.paused': 'main',
  'project.resumed': 'main',
} as const satisfies Record<EventType, 'main' | 'detail'>;

const ENDED = {
  finished: 'finished its turn',
  waiting: 'waits for an answer',
  failed: 'could not finish its turn',
  limited: 'may not go on',
  stopped: 'was stopped',
  crashed: 'ended without finishing its turn',
} as const satisfies Record<AgentEnd, string>;

export function isDetail(event: NewEvent): boolean {
  // The start of its first step says the same.
  if (event.type === 'task.started') return !event.resumed;
  return WEIGHTS[event.type] === 'detail';
}

/** One event on one line of JSON, with its time as ISO 8601: the format of every `--json` stream of events. */
export function eventJson(event: LoggedEvent): string {
  const { seq, at, type, ...rest } = event;
  return safeJson({ seq, at: isoTime(at), type, ...rest });
}

export function eventText(event: NewEvent): EventText {
  const [text, look] = describe(event);
  return { text: safeLine(text), look };
}

function describe(event: NewEvent): readonly [string, Look?] {
  switch (event.type) {
    case 'task.added':
      return [`${event.task} added: ${event.title}`];
    case 'task.claimed':
      return [`${event.task} claimed by ${event.orchestrator}, attempt ${event.attempt}`, 'dim'];
    case 'task.started':
      return [
        `${event.task} ${event.resumed ? 'resumed' : 'started'} on ${event.branch}${attempt(event.attempt)}`,
        'cyan',
      ];
    case 'worktree.prepared':
      return [
        `${event.task} worktree ready${event.seeded.length === 0 ? '' : ` with ${event.seeded.join(', ')} from before`}${event.setupMs === 0 ? '' : ` after ${duration(event.setupMs)} of set-up`}`,
        'dim',
      ];
    case 'step.started':
      return [
        `${event.task} ${event.kind} by ${event.agent} (${event.provider})${round(event.round)}`,
        'cyan',
      ];
    case 'agent.started':
      return [
        `${event.task} agent process ${event.process.pid}${event.resumed ? ', conversation resumed' : ''}`,
        'dim',
      ];
    case 'agent.ended':
      return [`${event.task} ${event.agent} ${ENDED[event.how]}${colon(event.reason)}`, 'dim'];
    case 'agent.session':
      return [`${event.task} ${event.agent} session ${event.session}`, 'dim'];
    case 'agent.output':
      return [`${event.task} │ ${event.lines.join(' ⏎ ')}${dropped(event.dropped)}`, 'dim'];
    case 'agent.usage':
      return [
        `${event.task} used ${event.usage.inputTokens + event.usage.outputTokens} tokens, ${money(event.usage.costUsd)}`,
        'dim',
      ];
    case 'agent.retrying':
      return [`${event.task} tries again in ${duration(event.delayMs)}: ${event.reason}`, 'yellow'];
    case 'step.finished':
      return stepFinished(event);
    case 'task.snapshotted':
      return [`${event.task} saved ${count(event.files, 'file')} as ${shortId(event.commit)}`, 'dim'];
    case 'task.asked':
      if (event.questions.some(({ kind }) => kind === 'approval'))
        return [`${event.task} waits for your approval: cw task diff ${event.task}`, 'yellow'];
      return [`${event.task} asks: ${event.questions.map((each) => each.question).join(' / ')}`, 'yellow'];
    case 'question.asked':
      return [`${event.task} asks: ${event.questions.map((each) => each.question).join(' / ')}`, 'yellow'];
    case 'agent.reported':
      return [
        `${event.task} reports${event.percent === undefined ? '' : ` ${event.percent} %`}: ${event.text}`,
      ];
    case 'question.escalated':
      return [`${event.task} a person is to answer ${event.question}${colon(event.reason)}`, 'yellow'];
    case 'question.withdrawn':
      return [`${event.task} question ${event.question} withdrawn by ${event.by}${colon(event.reason)}`];
    case 'merge.queued':
      return [
        `${event.task} waits for its merge: ${count(event.files, 'file')}, +${event.insertions} -${event.deletions}`,
        'dim',
      ];
    case 'merge.started':
      return [`${event.task} merging onto ${shortId(event.onto)} (${event.strategy})`, 'dim'];
    case 'merge.verified':
      return [`${event.task} verified in ${duration(event.durationMs)}: ${event.command}`];
    case 'merge.verify_failed':
      return [
        `${event.task} verify exited ${event.exitCode}, back to its agent (${event.bounce}): ${event.command}`,
        'yellow',
      ];
    case 'merge.refused':
      return [
        `${event.task} cannot be merged, back to its agent (${event.bounce}): ${event.reason}`,
        'yellow',
      ];
    case 'merge.conflicted':
      return [
        `${event.task} conflicts${event.others.length === 0 ? '' : ` with ${event.others.join(', ')}`} in ${event.files.join(', ')}, back to its agent (${event.bounce})`,
        'yellow',
      ];
    case 'merge.intended':
      return [`${event.task} moves ${event.branch} to ${shortId(event.commit)}`, 'dim'];
    case 'merge.done':
      return [
        `${event.task} merged into ${event.branch} as ${shortId(event.commit)}${event.recovered ? ' (recovered)' : ''}`,
        'dim',
      ];
    case 'task.done':
      return [`${event.task} done${commit(event.commit)}`, 'green'];
    case 'task.retried':
      return [`${event.task} failed attempt ${event.attempt}, will try again: ${event.reason}`, 'yellow'];
    case 'task.failed':
      return [`${event.task} failed: ${event.reason}`, 'red'];
    case 'task.released':
      return [`${event.task} given back: ${event.reason}`, 'yellow'];
    case 'task.blocked':
      return [`${event.task} blocked by ${event.by}`, 'red'];
    case 'task.unblocked':
      return [`${event.task} no longer blocked`];
    case 'task.skipped':
      return [`${event.task} skipped: ${event.reason}`];
    case 'task.cancelled':
      return [`${event.task} cancelled by ${event.by}`, 'yellow'];
    case 'task.reset':
      return [`${event.task} back in the queue, by ${event.by}`];
    case 'task.paused':
      return [`${event.task} paused by ${event.by}${colon(event.reason)}`, 'yellow'];
    case 'task.resumed':
      return [`${event.task} resumed by ${event.by}`];
    case 'task.answered':
      return [`${event.task} answered by ${event.by}: ${event.answer}`];
    case 'task.archived':
      return [`${event.task} archived: ${event.reason}`, 'dim'];
    case 'orchestrator.started':
      return [
        `orchestrator ${event.orchestrator} started, ${count(event.maxAgents, 'agent')} at most`,
        'dim',
      ];
    case 'orchestrator.stopped':
      return [`orchestrator ${event.orchestrator} stopped: ${event.reason}`, 'dim'];
    case 'orchestrator.lost':
      return [
        `orchestrator ${event.orchestrator} lost, gave back ${count(event.tasks.length, 'task')}`,
        'yellow',
      ];
    case 'orchestrator.dismissed':
      return [`orchestrator ${event.orchestrator} finishes its turns and ends, asked by ${event.by}`];
    case 'orchestrator.fenced':
      return [
        `orchestrator ${event.orchestrator} stopped its work on ${count(event.tasks.length, 'task')}: ${event.reason}`,
        'yellow',
      ];
    case 'write.refused':
      return [
        `${event.task} a late write of attempt ${event.attempt} was refused: it holds fence ${event.fence}, the task is at ${event.heldFence} (${event.facts.join(', ')})`,
        'yellow',
      ];
    case 'task.edited':
      return [
        `${event.task} edited: ${event.fields.join(', ')}${event.stale ? '; its agent is told at its next turn' : ''}`,
      ];
    case 'task.renamed':
      return [`${event.task} is the new id of ${event.from}`];
    case 'task.refreshed':
      return [`${event.task} its agent was told what changed: ${event.fields.join(', ')}`];
    case 'roadmap.followed':
      return [`${event.path} followed by ${event.orchestrator} (${event.mode})`, 'dim'];
    case 'roadmap.unfollowed':
      return [`${event.path} no longer followed by ${event.orchestrator}`, 'dim'];
    case 'roadmap.synced':
      return [
        `roadmap read: ${count(event.total, 'task')}, ${event.added.length} new, ${event.changed.length} changed, ${event.removed.length} gone${event.renamed.length === 0 ? '' : `, ${event.renamed.length} renamed`}; ${event.open} open${event.idleAgents === undefined ? '' : `, ${count(event.idleAgents, 'agent')} idle`}`,
      ];
    case 'roadmap.rejected':
      return [
        `${place(event)}: ${event.message}${event.problems > 1 ? ` (and ${event.problems - 1} more)` : ''} The plan stays as it was. ${event.advice}`,
        'red',
      ];
    case 'roadmap.held':
      return [
        `${event.path} takes away ${event.removed.length} of ${count(event.open, 'open task')}; the plan stays as it was until you confirm it: cw roadmap confirm`,
        'yellow',
      ];
    case 'roadmap.confirmed':
      return [`${event.path} confirmed by ${event.by}`];
    case 'provider.limited':
      return [`${event.provider} takes no work until ${isoTime(event.until)}: ${event.reason}`, 'yellow'];
    case 'provider.opened':
      return [
        `${event.provider} is cut off until ${isoTime(event.until)} after ${count(event.failures, 'failure')} in a row: ${event.reason}`,
        'red',
      ];
    case 'provider.closed':
      return [`${event.provider} works again`, 'green'];
    case 'budget.reached':
      return [
        `the budget of ${money(event.limitUsd)} for this ${event.scope} is spent (${money(event.spentUsd)}): nothing more is started${event.until === undefined ? '' : ` until ${isoTime(event.until)}`}`,
        'red',
      ];
    case 'work.restored':
      return [`${event.task} saved work ${event.saved} brought back to ${event.branch}`];
    case 'store.full':
      return [`no space left on the disk of ${event.place}: nothing new begins until some is free`, 'red'];
    case 'store.freed':
      return [`there is space again on the disk of ${event.place}`, 'green'];
    case 'store.restored':
      return [`the state was restored from ${event.file}, with ${count(event.events, 'event')}`, 'yellow'];
    case 'log.accepted':
      return [
        event.lost > 0
          ? `goes on without ${count(event.lost, 'event')} that were lost`
          : 'goes on with a log that is not the one that was seen before',
        'yellow',
      ];
    case 'delivery.done':
      return [
        `${count(event.tasks.length, 'task')} delivered to ${event.target} as ${shortId(event.commit)}`,
        'green',
      ];
    case 'delivery.refused':
      return [`delivery to ${event.target} refused: ${event.reason}`, 'yellow'];
    case 'delivery.proposed':
      return [
        `${count(event.tasks.length, 'task')} for ${event.target} in pull request ${event.number}: ${event.url}`,
        'green',
      ];
    case 'agent.consulted':
      return event.reason === ''
        ? [`${event.agent} looked into ${event.questions.join(', ')}`]
        : [`${event.agent} did not look into ${event.questions.join(', ')}: ${event.reason}`, 'yellow'];
    case 'message.sent':
      return [`${event.from} to ${event.to}: ${event.text}`];
    case 'message.read':
      return [`${event.by} read ${count(event.messages.length, 'message')}`, 'dim'];
    case 'plan.proposed':
      return [
        `plan ${event.plan} proposed with ${count(event.tasks, 'task')}${event.serial ? ', one after the other' : ''}: ${event.goal}`,
      ];
    case 'plan.applied':
      return [`plan ${event.plan} applied by ${event.by}: ${count(event.added.length, 'task')} added`];
    case 'plan.dropped':
      return [`plan ${event.plan} dropped by ${event.by}`];
    case 'plan.finished':
      return [`${event.level} ${event.container} is over: ${event.done} of ${event.total} done`, 'green'];
    case 'server.started':
      return [`server ${event.server} started`, 'dim'];
    case 'server.stopped':
      return [`server ${event.server} stopped: ${event.reason}`, 'dim'];
    case 'files.followed':
      return [`${event.directory} kept in step with the state`, 'dim'];
    case 'files.unfollowed':
      return [`${event.directory} no longer kept in step`, 'dim'];
    case 'files.conflicted':
      return [`${event.file} was changed from both sides: yours is kept as ${event.kept}`, 'yellow'];
    case 'files.rejected':
      return [`${event.file}:${event.line}:${event.col}: ${event.message} ${event.advice}`, 'red'];
    case 'notice.undelivered':
      return [`${event.to} was not told of event ${event.event}: ${event.reason}`, 'yellow'];
    case 'project.paused':
      return [`the project was paused by ${event.by}${colon(event.reason)}`, 'yellow'];
    case 'project.resumed':
      return [`the project was resumed by ${event.by}`];
    default:
      return assertNever(event);
  }
}

function stepFinished(event: Extract<NewEvent, { type: 'step.finished' }>): readonly [string, Look?] {
  const who = `${event.task} ${event.agent}`;
  const took = duration(event.durationMs);
  if (event.outcome !== 'success') {
    return [`${who} ended with ${event.outcome} after ${took}${colon(event.summary)}`, 'yellow'];
  }
  if (event.verdict === 'rejected') return [`${who} rejected after ${took}${colon(event.summary)}`, 'yellow'];
  if (event.verdict === 'questions') return [`${who} has questions after ${took}`, 'yellow'];
  if (event.verdict === 'error') return [`${who} gave up after ${took}${colon(event.summary)}`, 'yellow'];
  return [`${who} finished in ${took}${colon(event.summary)}`];
}

/** What cannot be read at all has no line. */
function place({ path, line, col }: Extract<NewEvent, { type: 'roadmap.rejected' }>): string {
  return line === 0 ? path : `${path}:${line}:${col}`;
}

function colon(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

function attempt(n: number): string {
  return n > 1 ? `, attempt ${n}` : '';
}

function round(n: number): string {
  return n > 1 ? `, round ${n}` : '';
}

function dropped(n: number): string {
  return n > 0 ? ` (${count(n, 'line')} left out)` : '';
}

function commit(id: string | undefined): string {
  return id === undefined ? ', nothing to merge' : `, merged as ${shortId(id)}`;
}
