import { CodewalkError } from '../../core/errors.ts';
import type { CliServices } from './context.ts';

/** What an agent may call in the project that it works for: its own commands, and those that only look. */
const OPEN: ReadonlySet<string> = new Set([
  ...['ask', 'tell', 'messages', 'report', 'mcp', 'complete', 'doctor', 'status', 'events', 'usage'],
  ...['task.list', 'task.next', 'task.show', 'task.diff', 'task.logs'],
  ...['agent.list', 'agent.show', 'agent.history', 'provider.list', 'inbox.list', 'message.list'],
  ...['server.status', 'server.projects', 'server.log', 'orchestrators.list', 'worktree.list', 'merge.list'],
  ...['recover.list', 'recover.show', 'db.info', 'db.verify', 'plan.list', 'plan.show', 'files.status'],
  ...['roadmap.check', 'roadmap.diff', 'roadmap.show', 'config.show', 'config.get', 'config.path'],
]);

/**
 * Throws `NOT_FOR_AGENTS` when an agent at work would decide what is a person's to decide: approve its own work, for
 * example. A sandbox hides the project from it anyway; this one stops honest mistakes where there is none. In other
 * projects, such as those of tests, it may do what it likes.
 */
export async function refuseAgents(command: string, services: CliServices): Promise<void> {
  if (!services.inTurn || OPEN.has(command) || !(await services.isTurnsProject())) return;
  throw new CodewalkError(
    'NOT_FOR_AGENTS',
    `cw ${command.replace('.', ' ')} is for people, and an agent at work calls it`,
    { advice: 'Ask for what you need: cw ask "…", or tell a person: cw tell person "…"' },
  );
}
