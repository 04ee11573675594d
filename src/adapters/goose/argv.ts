import type { ConversationOptions, LaunchSpec, McpServer } from '../../core/agents/ports.ts';

/**
 * Arguments of one turn; the prompt goes to standard input. `name` is ours and unique: with `-q`, without which a
 * banner precedes the JSON, the stream never names the session.
 *
 * Tools come as whole extensions: `developer` can write and run commands, `analyze` only looks at code. So a role
 * without `edit` and `shell` can change nothing, but `edit` and `shell` cannot be told apart. The person's own
 * extensions are left out, because they would widen what a role may do.
 */
export function gooseArgs(
  options: ConversationOptions,
  session: { readonly name: string; readonly isNew: boolean },
): LaunchSpec['args'] {
  const { agent, provider, budget, mcp } = options;
  const model = agent.model ?? provider.model;
  return [
    ...provider.args,
    ...['run', '-i', '-', '--output-format', 'stream-json', '-q'],
    ...(session.isNew ? [] : ['--resume']),
    ...['--name', session.name],
    ...(model === undefined ? [] : ['--model', model]),
    ...(agent.systemPrompt === '' ? [] : ['--system', agent.systemPrompt]),
    ...(budget?.turns === undefined ? [] : ['--max-turns', String(budget.turns)]),
    ...['--no-profile', '--with-builtin', canWrite(agent) ? 'developer,analyze' : 'analyze'],
    ...mcp.flatMap((server) => ['--with-extension', extension(server)]),
  ];
}

/** Can this role write when it runs on Goose? */
function canWrite({ tools }: ConversationOptions['agent']): boolean {
  return tools.includes('edit') || tools.includes('shell');
}

/**
 * Goose names an extension after the program's file and splits its command at spaces, so each server gets a script
 * with its own name.
 */
function extension({ name, command, args, env }: McpServer): LaunchSpec['args'][number] {
  // Exported rather than given to `env`: arguments can be read by everybody on the machine.
  const variables = Object.entries(env).map(([key, value]) => `export ${key}=${quoted(value)}\n`);
  const words = [command, ...args].map(quoted);
  return { name, content: `#!/bin/sh\n${variables.join('')}exec ${words.join(' ')}\n`, executable: true };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
