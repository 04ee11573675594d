import { status } from './commands/status.ts';
import type { CliContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';

/** Carries out one command. What it throws becomes a message and an exit code in `runCli`. */
export type Action = (
  context: CliContext,
  input: {
    /** In the order of the table; a variadic argument is a list. */
    readonly args: readonly (string | readonly string[] | undefined)[];
    readonly options: Readonly<Record<string, unknown>>;
  },
) => Promise<ExitCode>;

/** Where each command of the table lives; nothing is loaded but the one that runs. */
export const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  init: async () => (await import('./commands/init.ts')).init,
  demo: async () => (await import('./commands/demo.ts')).demo,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  run: async () => (await import('./commands/run.ts')).run,
  'task.list': async () => (await import('./commands/task-list.ts')).taskList,
  'task.next': async () => (await import('./commands/task-next.ts')).taskNext,
  'task.show': async () => (await import('./commands/task-show.ts')).taskShow,
  'task.add': async () => (await import('./commands/task-add.ts')).taskAdd,
  'task.edit': async () => (await import('./commands/task-edit.ts')).taskEdit,
  'task.remove': async () => (await import('./commands/task-edit.ts')).taskRemove,
  'task.rename': async () => (await import('./commands/task-edit.ts')).taskRename,
  'task.retry': async () => (await import('./commands/task-commands.ts')).taskRetry,
  'task.cancel': async () => (await import('./commands/task-commands.ts')).taskCancel,
  'task.diff': async () => (await import('./commands/task-diff.ts')).taskDiff,
  'task.logs': async () => (await import('./commands/task-logs.ts')).taskLogs,
  'agent.spawn': async () => (await import('./commands/agent-spawn.ts')).agentSpawn,
  'agent.list': async () => (await import('./commands/agent-list.ts')).agentList,
  'agent.show': async () => (await import('./commands/agent-show.ts')).agentShow,
  'agent.history': async () => (await import('./commands/agent-history.ts')).agentHistory,
  'agent.stop': async () => (await import('./commands/agent-stop.ts')).agentStop,
  'provider.list': async () => (await import('./commands/provider.ts')).providerList,
  'provider.resume': async () => (await import('./commands/provider.ts')).providerResume,
  'inbox.list': async () => (await import('./commands/inbox.ts')).inboxList,
  'inbox.answer': async () => (await import('./commands/inbox.ts')).inboxAnswer,
  ask: async () => (await import('./commands/agent-door.ts')).ask,
  tell: async () => (await import('./commands/agent-door.ts')).tell,
  messages: async () => (await import('./commands/agent-door.ts')).messages,
  report: async () => (await import('./commands/agent-door.ts')).report,
  'message.send': async () => (await import('./commands/message.ts')).messageSend,
  'message.list': async () => (await import('./commands/message.ts')).messageList,
  mcp: async () => (await import('./commands/mcp.ts')).mcp,
  status: async () => status,
  'orchestrators.list': async () => (await import('./commands/orchestrators.ts')).orchestratorsList,
  'orchestrators.stop': async () => (await import('./commands/orchestrators.ts')).orchestratorsStop,
  events: async () => (await import('./commands/events.ts')).events,
  'recover.list': async () => (await import('./commands/recover.ts')).recoverList,
  'recover.show': async () => (await import('./commands/recover.ts')).recoverShow,
  'recover.restore': async () => (await import('./commands/recover-restore.ts')).recoverRestore,
  'recover.prune': async () => (await import('./commands/recover.ts')).recoverPrune,
  'db.info': async () => (await import('./commands/db.ts')).dbInfo,
  'db.verify': async () => (await import('./commands/db.ts')).dbVerify,
  'db.backup': async () => (await import('./commands/db.ts')).dbBackup,
  'db.restore': async () => (await import('./commands/db.ts')).dbRestore,
  'db.accept': async () => (await import('./commands/db.ts')).dbAccept,
  usage: async () => (await import('./commands/usage.ts')).usage,
  'worktree.list': async () => (await import('./commands/worktree.ts')).worktreeList,
  'worktree.prune': async () => (await import('./commands/worktree.ts')).worktreePrune,
  'merge.list': async () => (await import('./commands/merge-list.ts')).mergeList,
  deliver: async () => (await import('./commands/deliver.ts')).deliver,
  'roadmap.check': async () => (await import('./commands/roadmap.ts')).roadmapCheck,
  'roadmap.diff': async () => (await import('./commands/roadmap.ts')).roadmapDiff,
  'roadmap.sync': async () => (await import('./commands/roadmap.ts')).roadmapSync,
  'roadmap.confirm': async () => (await import('./commands/roadmap.ts')).roadmapConfirm,
  'roadmap.show': async () => (await import('./commands/roadmap.ts')).roadmapShow,
  'roadmap.undo': async () => (await import('./commands/task-edit.ts')).roadmapUndo,
  'config.show': async () => (await import('./commands/config.ts')).configShow,
  'config.get': async () => (await import('./commands/config.ts')).configGet,
  'config.set': async () => (await import('./commands/config.ts')).configSet,
  'config.unset': async () => (await import('./commands/config.ts')).configUnset,
  'config.path': async () => (await import('./commands/config.ts')).configPath,
};
