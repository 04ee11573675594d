import { CliConversation } from '../../core/agents/cli-conversation.ts';
import type { Backend, Conversation, ConversationOptions, Launcher } from '../../core/agents/ports.ts';
import { NO_TOTALS } from '../../core/agents/totals.ts';
import type { Clock, Ids } from '../../core/ports.ts';
import { gooseArgs } from './argv.ts';
import { classify } from './classify.ts';
import { flush, newState, translate } from './translate.ts';

const MS_PER_SECOND = 1_000;
/** No figures sent home, no extra request for a title, and no questions that nobody could answer. */
const DEFAULT_ENV = {
  GOOSE_MODE: 'auto',
  GOOSE_TELEMETRY_ENABLED: 'false',
  GOOSE_DISABLE_SESSION_NAMING: 'true',
};

/** Goose, one `goose run` a turn, in a session with a name of ours. */
export class GooseBackend implements Backend {
  readonly type = 'goose';
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
      const name = session?.sessionId ?? `cw-${ids.uuid()}`;
      let named = false;
      return {
        command: options.provider.command,
        args: gooseArgs(options, { name, isNew: session === undefined }),
        env: { ...DEFAULT_ENV, ...patience(options.mcp), ...options.env, ...options.provider.env },
        stdin: prompt,
        reader: {
          stdout: (line) => {
            const events = translate(line, state, before);
            if (named || !state.spoke) return events;
            // The first event shows that the session exists.
            named = true;
            return [{ type: 'session', sessionId: name }, ...events];
          },
          end: (end) => [
            ...flush(state),
            { type: 'outcome', outcome: classify(state, end, before, clock.now()) },
          ],
        },
      };
    });
  }
}

/** It has one limit for the calls of all extensions, in seconds. */
function patience(servers: ConversationOptions['mcp']): Record<string, string> {
  const longestMs = Math.max(0, ...servers.map(({ callTimeoutMs = 0 }) => callTimeoutMs));
  return longestMs === 0
    ? {}
    : { GOOSE_DEFAULT_EXTENSION_TIMEOUT: String(Math.ceil(longestMs / MS_PER_SECOND)) };
}
