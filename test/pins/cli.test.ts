import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_TYPES } from '../../src/core/events/types.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { healthy } from '../../src/core/resilience/breaker.ts';
import type { QuestionRecord, StepRecord } from '../../src/core/tasks/task.ts';
import { exitCodeOf } from '../../src/surfaces/cli/commands/run.ts';
import { COMMANDS, PARENTS } from '../../src/surfaces/cli/commands.ts';
import { eventJson } from '../../src/surfaces/cli/event-text.ts';
import { EXIT } from '../../src/surfaces/cli/exit-codes.ts';
import { statusJson } from '../../src/surfaces/cli/views/status.ts';
import { aTask, logged, someCounts } from '../support/cli-records.ts';

// Scripts rely on these literals. A red test here asks: did you mean to?

test('the commands and their options', () => {
  const shown = COMMANDS.map(({ id, args = [], options = [] }) =>
    [id, ...args.map((each) => each.name), ...options.map((each) => each.flags)].join(' | '),
  );
  assert.deepEqual(shown, [
    'init | --agent <provider> | -y, --yes | --json',
    'demo | [directory] | --agent <cli> | --no-run | --json',
    'doctor | --json',
    'complete | <shell>',
    'run | -n, --max-agents <n> | --only <task...> | --strategy <strategy> | --budget-usd <usd> | --watch | --no-restart | --plain | -v, --verbose | --json',
    'task.list | --state <state...> | --json',
    'task.next | -n, --limit <n> | --state <state...> | --initiative <id> | --phase <id> | --plan <id> | --domain <domain> | --agent <agent> | --json',
    'task.show | <id> | --json',
    'task.add | <title> | --id <id> | -p, --prompt <text> | --prompt-file <path> | -d, --depends-on <id...> | -f, --files <path...> | -a, --agent <agent> | --priority <priority> | --verify <command> | --in <id> | --dry-run | --json',
    'task.edit | <id> | --title <title> | -p, --prompt <text> | --prompt-file <path> | --editor | -d, --depends-on <id...> | -f, --files <path...> | -a, --agent <agent> | --workflow <workflow> | --priority <priority> | --verify <command> | --exit-criteria <text...> | --on-failure <mode> | --timeout <time> | --budget-usd <usd> | --budget-turns <n> | --status <status> | --clear <key...> | --dry-run | --json',
    'task.remove | <id> | --unlink | --dry-run | --json',
    'task.rename | <id> | <new-id> | --dry-run | --json',
    'task.retry | <id...> | --json',
    'task.cancel | <id...> | --json',
    'task.diff | <id> | --stat | --file <path...> | --json',
    'task.approve | <id> | --comment <text> | --commit <commit> | --json',
    'task.reject | <id> | [text] | --commit <commit> | --json',
    'task.comment | <id> | <text> | --file <path> | --line <n> | --json',
    'task.logs | <id> | --attempt <n> | --step <n> | --raw | -f, --follow',
    'agent.spawn | <agent> | <prompt> | --id <id> | -f, --files <path...> | --json',
    'agent.list | -a, --all | --json',
    'agent.show | <id> | --agent <agent> | --json',
    'agent.history | <id> | --agent <agent> | --step <n> | --full | -f, --follow | --json',
    'agent.stop | <id> | --json',
    'provider.list | --json',
    'provider.resume | <name> | --json',
    'inbox.list | --all | --json',
    'inbox.answer | <task> | <answer> | --question <id> | --json',
    'ask | <question> | --option <text...> | --json',
    'tell | <to> | <text> | --reply-to <id> | --json',
    'messages | --json',
    'report | [text] | --percent <n> | --result <json>',
    'message.send | <to> | <text> | --reply-to <id> | --file <path> | --line <n> | --json',
    'message.list | --of <who> | -n, --limit <n> | --json',
    'mcp',
    'status | --json',
    'orchestrators.list | -a, --all | --json',
    'orchestrators.stop | <id> | --json',
    'events | --after <seq> | --type <type...> | --task <id> | -f, --follow | --json',
    'notify.test | --webhook <n> | --json',
    'usage | --by <what> | --since <when> | --task <id> | --json',
    'worktree.list | --json',
    'worktree.prune | --older-than <time> | --pooled | --seeds | --dry-run | --json',
    'merge.list | --json',
    'recover.list | --task <id> | --json',
    'recover.show | <id> | --stat | --json',
    'recover.restore | <id> | --to <branch> | --into-task | --dry-run | --json',
    'recover.prune | --older-than <time> | --task <id> | --dry-run | --json',
    'db.info | --json',
    'db.verify | [file] | --json',
    'db.backup | [file] | --json',
    'db.restore | <file> | --force | --json',
    'db.accept | --json',
    'deliver | --dry-run | --target <branch> | --push | --json',
    'roadmap.check | [file] | --json',
    'roadmap.diff | [file] | --json',
    'roadmap.sync | --json',
    'roadmap.confirm | --json',
    'roadmap.show | --json',
    'roadmap.undo | --dry-run | --json',
    'config.show | --origin | --json',
    'config.get | <key> | --json',
    'config.set | <key> | <value> | --global',
    'config.unset | <key> | --global',
    'config.path | --json',
  ]);
  assert.deepEqual(Object.keys(PARENTS), [
    'task',
    'agent',
    'provider',
    'inbox',
    'message',
    'notify',
    'orchestrators',
    'recover',
    'worktree',
    'db',
    'merge',
    'roadmap',
    'config',
  ]);
});

test('the exit codes', () => {
  assert.deepEqual(EXIT, { ok: 0, failed: 1, usage: 2, waiting: 3, interrupted: 130 });
  const code = (...states: readonly Parameters<typeof exitCodeOf>[0][number]['state'][]) =>
    exitCodeOf(
      states.map((state) => ({ state })),
      { stopped: false, held: false },
    );
  assert.equal(code(), 0);
  assert.equal(code('done', 'skipped', 'cancelled'), 0);
  assert.equal(code('done', 'failed'), 1);
  assert.equal(code('done', 'blocked'), 1);
  assert.equal(code('done', 'pending'), 1);
  assert.equal(code('failed', 'waiting_input'), 3);
  assert.equal(exitCodeOf([{ state: 'done' }], { stopped: true, held: true }), 130);
  assert.equal(exitCodeOf([{ state: 'failed' }], { stopped: false, held: true }), 3);
});

test('the names of the events', () => {
  assert.deepEqual([...EVENT_TYPES].sort(), [
    'agent.ended',
    'agent.output',
    'agent.reported',
    'agent.retrying',
    'agent.session',
    'agent.started',
    'agent.usage',
    'budget.reached',
    'delivery.done',
    'delivery.proposed',
    'delivery.refused',
    'files.conflicted',
    'files.followed',
    'files.rejected',
    'files.unfollowed',
    'log.accepted',
    'merge.conflicted',
    'merge.done',
    'merge.intended',
    'merge.queued',
    'merge.refused',
    'merge.started',
    'merge.verified',
    'merge.verify_failed',
    'message.read',
    'message.sent',
    'notice.undelivered',
    'orchestrator.dismissed',
    'orchestrator.fenced',
    'orchestrator.lost',
    'orchestrator.started',
    'orchestrator.stopped',
    'plan.applied',
    'plan.finished',
    'plan.proposed',
    'provider.closed',
    'provider.limited',
    'provider.opened',
    'question.asked',
    'question.escalated',
    'question.withdrawn',
    'roadmap.confirmed',
    'roadmap.followed',
    'roadmap.held',
    'roadmap.rejected',
    'roadmap.synced',
    'roadmap.unfollowed',
    'server.started',
    'server.stopped',
    'step.finished',
    'step.started',
    'store.freed',
    'store.full',
    'store.restored',
    'task.added',
    'task.answered',
    'task.archived',
    'task.asked',
    'task.blocked',
    'task.cancelled',
    'task.claimed',
    'task.done',
    'task.edited',
    'task.failed',
    'task.refreshed',
    'task.released',
    'task.renamed',
    'task.reset',
    'task.retried',
    'task.skipped',
    'task.snapshotted',
    'task.started',
    'task.unblocked',
    'work.restored',
    'worktree.prepared',
    'write.refused',
  ]);
});

test('an event as a line of JSON', () => {
  const at = Date.parse('2026-11-21T10:00:00.250Z');
  const event = logged(7, at, { type: 'task.blocked', task: 'b' as TaskId, by: 'a' as TaskId });
  assert.equal(
    eventJson(event),
    '{"seq":7,"at":"2026-11-21T10:00:00.250Z","type":"task.blocked","task":"b","by":"a"}',
  );
});

test('the JSON of cw status', () => {
  const at = Date.parse('2026-11-21T10:00:00Z');
  const step = {
    task: 'a',
    attempt: 1,
    step: 1,
    index: 0,
    agent: 'coder',
    round: 1,
    kind: 'work',
    provider: 'claude',
    state: 'running',
    session: 's1',
    process: { pid: 42, startTime: '1', bootId: 'b' },
    costUsd: 0.5,
    startedAt: at,
  } as unknown as StepRecord;
  const question = {
    task: 'a',
    id: 'q',
    question: 'Which?',
    attempt: 1,
    step: 1,
    askedAt: at,
  } as QuestionRecord;
  const json = statusJson({
    project: 'shop',
    now: at,
    counts: someCounts({ running: 1 }, { costUsd: 0.5 }),
    tasks: [aTask('a', { state: 'running', attempts: 1, costUsd: 0.5, startedAt: at })],
    steps: [step],
    orchestrators: [
      {
        id: 'orc_1',
        host: 'here',
        process: { pid: 1, startTime: '1', bootId: 'b' },
        version: '0.1.0',
        maxAgents: 4,
        agents: 1,
        startedAt: at,
        lastHeartbeat: at,
        silentMs: 100,
        leaseLeftMs: 9_900,
        isLost: false,
        stopBy: undefined,
      },
    ],
    heartbeatMs: 3_000,
    accounts: [{ ...healthy('claude'), cause: 'limited', until: at, reason: '429' }],
    questions: [question],
    delivery: { branch: 'cw/integration', target: 'main', tasks: ['b'] },
  });
  assert.deepEqual(JSON.parse(JSON.stringify(json)), {
    project: 'shop',
    counts: {
      pending: 0,
      claimed: 0,
      running: 1,
      waiting_input: 0,
      merging: 0,
      done: 0,
      failed: 0,
      blocked: 0,
      skipped: 0,
      cancelled: 0,
      archived: 0,
      ready: 0,
      total: 1,
    },
    costUsd: 0.5,
    tasks: [
      {
        id: 'a',
        title: 'Title of a',
        state: 'running',
        ready: false,
        attempts: 1,
        failures: 0,
        dependsOn: [],
        agent: 'coder',
        workflow: null,
        priority: 50,
        files: [],
        path: {},
        costUsd: 0.5,
        inputTokens: 0,
        outputTokens: 0,
        reason: null,
        edited: [],
        summary: null,
        branch: null,
        worktree: null,
        mergeCommit: null,
        startedAt: '2026-11-21T10:00:00.000Z',
        finishedAt: null,
        step: {
          step: 1,
          attempt: 1,
          kind: 'work',
          agent: 'coder',
          provider: 'claude',
          round: 1,
          state: 'running',
          verdict: null,
          outcome: null,
          summary: null,
          session: 's1',
          pid: 42,
          costUsd: 0.5,
          startedAt: '2026-11-21T10:00:00.000Z',
          finishedAt: null,
        },
      },
    ],
    orchestrators: [
      {
        id: 'orc_1',
        state: 'working',
        host: 'here',
        pid: 1,
        version: '0.1.0',
        agents: 1,
        maxAgents: 4,
        startedAt: '2026-11-21T10:00:00.000Z',
        lastHeartbeat: '2026-11-21T10:00:00.000Z',
        leaseLeftMs: 9900,
        stopBy: null,
      },
    ],
    questions: [
      {
        task: 'a',
        id: 'q',
        question: 'Which?',
        kind: null,
        commit: null,
        options: [],
        attempt: 1,
        step: 1,
        askedAt: '2026-11-21T10:00:00.000Z',
        answer: null,
        answeredAt: null,
        answeredBy: null,
      },
    ],
    accounts: [
      {
        account: 'claude',
        state: 'limited',
        until: '2026-11-21T10:00:00.000Z',
        failures: 0,
        trial: null,
        reason: '429',
      },
    ],
    review: { waiting: 0, maxWaiting: null },
    delivery: { branch: 'cw/integration', target: 'main', tasks: ['b'] },
  });
});
