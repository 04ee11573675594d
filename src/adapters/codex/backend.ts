import { CliConversation } from '../../core/agents/cli-conversation.ts';
import type { Backend, Conversation, ConversationOptions, Launcher } from '../../core/agents/ports.ts';
import { NO_TOTALS } from '../../core/agents/totals.ts';
import type { Clock } from '../../core/ports.ts';
import { codexArgs } from './argv.ts';
import { classify } from './classify.ts';
import { newState, translate } from './translate.ts';

/** Codex, one `codex exec` a turn. The thread's id comes with its first event. */
export class CodexBackend implements Backend {
  readonly type = 'codex';
  readonly remembers = true;
  readonly #parts: { launcher: Launcher; clock: Clock };

  constructor(parts: { launcher: Launcher; clock: Clock }) {
    this.#parts = parts;
  }

  open(options: ConversationOptions): Conversation {
    const { launcher, clock } = this.#parts;
    const mcpEnv = Object.assign({}, ...options.mcp.map(({ env }) => env));
    return new CliConversation(launcher, options, (prompt, session) => {
      const state = newState();
      const before = session?.totals ?? NO_TOTALS;
      return {
        command: options.provider.command,
        args: codexArgs(options, session?.sessionId),
        env: { ...options.env, ...options.provider.env, ...mcpEnv },
        stdin: prompt,
        reader: {
          stdout: (line) => translate(line, state, before),
          end: (end) => [{ type: 'outcome', outcome: classify(state, end, clock.now()) }],
        },
      };
    });
  }
}
