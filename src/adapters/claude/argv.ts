import type { AgentTool, ConversationOptions, LaunchSpec } from '../../core/agents/ports.ts';
import { resultSchema } from '../../core/agents/result-schema.ts';

/** Claude's built-in tools by what a role may do; seen with 2.1.329. Names that a version lacks are ignored. */
const TOOLS: Readonly<Record<AgentTool, readonly string[]>> = {
  read: ['Read', 'Glob', 'Grep', 'LS', 'NotebookRead'],
  edit: ['Edit', 'MultiEdit', 'Write', 'NotebookEdit', 'Task', 'Skill'],
  shell: ['Bash', 'BashOutput', 'KillShell', 'TaskStop'],
  web: ['WebFetch', 'WebSearch'],
};
/** Its own notes on what is left to do. */
const ALWAYS = ['TodoWrite', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate'];
/** Tools that change something: denied by name too when the role lacks them, because a denial beats any allow rule. */
const GUARDED = ['edit', 'shell', 'web'] as const satisfies readonly AgentTool[];

/** The project's settings are left out, and with them the CLI leaves out what the project says in words. */
const PROJECT_WORDS =
  'If the project has instructions in CLAUDE.md or AGENTS.md, read them before anything else: they hold for you.';

/**
 * Arguments of one turn; the prompt goes to standard input. Only what the role's tools name is available at all, so
 * the person's own settings cannot hand out more. The project's settings are not read: they could start programs by
 * hooks, or lead the model's requests, with the person's key, to another address.
 */
export function claudeArgs(
  options: ConversationOptions,
  session: { readonly id: string; readonly isNew: boolean },
): LaunchSpec['args'] {
  const { agent, provider, budget, mcp } = options;
  const model = agent.model ?? provider.model;
  const may = new Set<AgentTool>(agent.tools.includes('edit') ? ['read', ...agent.tools] : agent.tools);
  const available = [...[...may].flatMap((tool) => TOOLS[tool]), ...ALWAYS];
  const denied = GUARDED.filter((tool) => !may.has(tool)).flatMap((tool) => TOOLS[tool]);
  const allowed = [
    ...(may.has('shell') ? ['Bash'] : []),
    ...(may.has('web') ? TOOLS.web : []),
    ...mcp.map(({ name }) => `mcp__${name}`),
  ];
  return [
    ...provider.args,
    ...['-p', '--output-format', 'stream-json', '--verbose'],
    ...(model === undefined ? [] : ['--model', model]),
    ...[session.isNew ? '--session-id' : '--resume', session.id],
    ...['--permission-mode', may.has('edit') ? 'acceptEdits' : 'manual'],
    ...['--tools', available.join(',')],
    ...(denied.length === 0 ? [] : ['--disallowedTools', denied.join(',')]),
    ...(allowed.length === 0 ? [] : ['--allowedTools', allowed.join(',')]),
    ...['--strict-mcp-config', '--setting-sources', 'user'],
    ...(mcp.length === 0 ? [] : ['--mcp-config', { name: 'mcp.json', content: mcpConfig(mcp) }]),
    '--append-system-prompt-file',
    { name: 'system-prompt.md', content: `${agent.systemPrompt}\n\n${PROJECT_WORDS}`.trimStart() },
    ...(budget?.turns === undefined ? [] : ['--max-turns', String(budget.turns)]),
    ...(budget?.usd === undefined ? [] : ['--max-budget-usd', String(budget.usd)]),
    ...['--json-schema', JSON.stringify(options.resultSchema ?? resultSchema(agent))],
  ];
}

function mcpConfig(servers: ConversationOptions['mcp']): string {
  const entries = servers.map(({ name, command, args, env, callTimeoutMs }) => [
    name,
    { command, args, env, ...(callTimeoutMs === undefined ? {} : { timeout: callTimeoutMs }) },
  ]);
  return JSON.stringify({ mcpServers: Object.fromEntries(entries) });
}
