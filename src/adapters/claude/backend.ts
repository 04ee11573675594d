import { CliConversation } from '../../core/agents/cli-conversation.ts';
import type { Backend, Conversation, ConversationOptions, Launcher } from '../../core/agents/ports.ts';
import { NO_TOTALS } from '../../core/agents/totals.ts';
import type { Clock, Ids } from '../../core/ports.ts';
import { claudeArgs } from './argv.ts';
import { classify } from './classify.ts';
import { newState, translate } from './translate.ts';

/**
 * Cut all traffic but the model's (the narrower switches leave some), and the notes that Claude otherwise shares
 * between all worktrees of a repository. The environment of the conversation may say otherwise.
 */
const DEFAULT_ENV = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
};

/** Claude Code, one `claude -p` a turn. We choose the session id, so it is known before the first answer. */
export class ClaudeBackend implements Backend {
  readonly type = 'claude';
  readonly remembers = true;
  readonly #parts: { launcher: Launcher; ids: Ids; clock: Clock };

  constructor(parts: { launcher: Launcher; ids: Ids; clock: Clock }) {
    this.#parts = parts;
  }

  open(options: ConversationOptions): Conversation {
    const { launcher, ids, clock } = this.#parts;
    return new CliConversation(launcher, options, (prompt, session) => {
      const state = newState();
      const before = session?.totals ?? NO_TOTALS;
      return {
        command: options.provider.command,
        args: claudeArgs(options, { id: session?.sessionId ?? ids.uuid(), isNew: session === undefined }),
        env: { ...DEFAULT_ENV, ...options.env, ...options.provider.env },
        stdin: prompt,
        reader: {
          stdout: (line) => translate(line, state, before),
          end: (end) => [{ type: 'outcome', outcome: classify(state, end, clock.now()) }],
        },
      };
    });
  }
}
