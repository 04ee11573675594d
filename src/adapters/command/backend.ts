import type { CliTurn } from '../../core/agents/cli-conversation.ts';
import { CliConversation } from '../../core/agents/cli-conversation.ts';
import type { Backend, Conversation, ConversationOptions, Launcher } from '../../core/agents/ports.ts';
import type { Ids } from '../../core/ports.ts';
import { CommandReader } from './reader.ts';

/**
 * Any program as an agent: the prompt on its standard input, the worktree as its directory, what it is about in
 * `CW_…` variables. Exit code 0 is success; 126 and 127 and a failed start are for good, any other code is worth
 * another try. Whatever it prints is text, and the last JSON object in it may be the step's result.
 *
 * `CW_SESSION` is the same in all turns of a conversation: what the program keeps under it is its own business.
 */
export class CommandBackend implements Backend {
  readonly type = 'command';
  readonly remembers = false;
  readonly #launcher: Launcher;
  readonly #ids: Ids;

  constructor(parts: { launcher: Launcher; ids: Ids }) {
    this.#launcher = parts.launcher;
    this.#ids = parts.ids;
  }

  open(options: ConversationOptions): Conversation {
    // A program of anybody's owes no first line, as the CLIs with a protocol do: it may work in silence and end.
    const limits = { ...options.limits, firstOutputMs: 0 };
    return new CliConversation(this.#launcher, { ...options, limits }, (prompt, session) =>
      planTurn(options, prompt, session?.sessionId ?? this.#ids.uuid()),
    );
  }
}

function planTurn({ provider, agent, env }: ConversationOptions, prompt: string, sessionId: string): CliTurn {
  const model = agent.model ?? provider.model;
  return {
    command: provider.command,
    args: provider.args,
    env: {
      ...env,
      ...provider.env,
      CW_SESSION: sessionId,
      ...(model === undefined ? {} : { CW_MODEL: model }),
    },
    // The system prompt every time: nobody knows whether the program remembers the turn before.
    stdin: agent.systemPrompt === '' ? prompt : `${agent.systemPrompt}\n\n${prompt}`,
    reader: new CommandReader(sessionId),
  };
}
