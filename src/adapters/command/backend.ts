import type { Cli, CliTurn } from '../../core/agents/cli-conversation.ts';
import { CliConversation } from '../../core/agents/cli-conversation.ts';
import type {
  Backend,
  Conversation,
  ConversationOptions,
  Launcher,
  SessionRef,
} from '../../core/agents/ports.ts';
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
  readonly #launcher: Launcher;
  readonly #ids: Ids;

  constructor(parts: { launcher: Launcher; ids: Ids }) {
    this.#launcher = parts.launcher;
    this.#ids = parts.ids;
  }

  open(options: ConversationOptions): Conversation {
    return new CliConversation(this.#launcher, options, new Command(options, this.#ids));
  }
}

class Command implements Cli {
  readonly #options: ConversationOptions;
  readonly #ids: Ids;

  constructor(options: ConversationOptions, ids: Ids) {
    this.#options = options;
    this.#ids = ids;
  }

  turn(prompt: string, session: SessionRef | undefined): CliTurn {
    const { provider, agent, env } = this.#options;
    const sessionId = session?.sessionId ?? this.#ids.uuid();
    const model = agent.model ?? provider.model;
    return {
      argv: [provider.command, ...provider.args],
      env: {
        ...env,
        ...provider.env,
        CW_SESSION: sessionId,
        ...(model === undefined ? {} : { CW_MODEL: model }),
      },
      // Every time: nobody knows whether the program remembers the turn before.
      stdin: agent.systemPrompt === '' ? prompt : `${agent.systemPrompt}\n\n${prompt}`,
      reader: new CommandReader(sessionId),
    };
  }

  async close(): Promise<void> {}
}
