import { TurnConversation } from '../../core/agents/conversation.ts';
import type { Backend, Conversation, ConversationOptions, Launcher } from '../../core/agents/ports.ts';
import type { Clock } from '../../core/ports.ts';

/**
 * Any agent that speaks the Agent Client Protocol, version 1, on its standard input and output: one process a turn,
 * which loads the session of the turn before.
 */
export class AcpBackend implements Backend {
  readonly type = 'acp';
  readonly remembers = true;
  readonly #parts: { launcher: Launcher; clock: Clock };

  constructor(parts: { launcher: Launcher; clock: Clock }) {
    this.#parts = parts;
  }

  open(options: ConversationOptions): Conversation {
    const parts = this.#parts;
    return new TurnConversation(options, async function* (turn) {
      // Late: most runs start no agent of this kind.
      const { runTurn } = await import('./turn.ts');
      yield* runTurn({ ...parts, options, turn });
    });
  }
}
