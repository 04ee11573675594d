import type { ConversationOptions, LaunchSpec } from '../../core/agents/ports.ts';
import { resultSchema } from '../../core/agents/result-schema.ts';

/** Switches the sandbox off; for machines without user namespaces, where it cannot work. */
const BYPASS = '--dangerously-bypass-approvals-and-sandbox';

const MS_PER_SECOND = 1_000;
/** Each of these opens connections of its own otherwise. */
const QUIET = ['check_for_update_on_startup=false', 'analytics.enabled=false', 'features.plugins=false'];

/**
 * Arguments of one turn; the prompt goes to standard input. What concerns the run stands before `resume`, because
 * `resume` itself takes neither directory nor sandbox, and a thread remembers neither.
 *
 * A role that may neither edit nor run commands gets the read-only sandbox, whatever the provider's arguments say;
 * the others may write in their worktree, and reach the network with `web` alone. In a sandbox of ours, which keeps a
 * read-only role's worktree read-only, its own would find no namespaces to make: it is off.
 */
export function codexArgs(options: ConversationOptions, thread: string | undefined): LaunchSpec['args'] {
  const { agent, provider, cwd, mcp, confinement } = options;
  const model = agent.model ?? provider.model;
  const writes = agent.tools.includes('edit') || agent.tools.includes('shell');
  const web = agent.tools.includes('web');
  const unboxed = confinement !== undefined || (writes && provider.args.includes(BYPASS));
  const settings = [
    ...QUIET,
    // A login shell makes a PATH of its own: the programs on ours, `cw` among them, would be gone.
    'allow_login_shell=false',
    `web_search=${toml(web ? 'live' : 'disabled')}`,
    ...(unboxed ? [] : [`approval_policy=${toml('never')}`]),
    ...(writes && web ? ['sandbox_workspace_write.network_access=true'] : []),
    ...(agent.systemPrompt === '' ? [] : [`developer_instructions=${toml(agent.systemPrompt)}`]),
    ...mcp.flatMap(({ name, command, args, env, callTimeoutMs }) => [
      `mcp_servers.${name}.command=${toml(command)}`,
      `mcp_servers.${name}.args=${toml(args)}`,
      // By name: the values are in our environment, and not in the process list.
      `mcp_servers.${name}.env_vars=${toml(Object.keys(env))}`,
      ...(callTimeoutMs === undefined
        ? []
        : [`mcp_servers.${name}.tool_timeout_sec=${Math.ceil(callTimeoutMs / MS_PER_SECOND)}`]),
    ]),
  ];
  return [
    ...provider.args.filter((arg) => arg !== BYPASS),
    ...['exec', '--json', '--skip-git-repo-check', '-C', cwd],
    ...(model === undefined ? [] : ['-m', model]),
    ...(unboxed ? [BYPASS] : ['-s', writes ? 'workspace-write' : 'read-only']),
    ...settings.flatMap((setting) => ['-c', setting]),
    ...['--output-schema', { name: 'result.json', content: schemaOf(options) }],
    ...(thread === undefined ? [] : ['resume', thread]),
    '-',
  ];
}

function schemaOf({ agent, resultSchema: wanted }: ConversationOptions): string {
  return JSON.stringify(wanted ?? resultSchema(agent));
}

/** JSON strings and arrays of strings are TOML too; TOML alone forbids a bare delete character. */
function toml(value: string | readonly string[]): string {
  return JSON.stringify(value).replaceAll('\u007F', '\\u007f');
}
