import type { AgentResult, TurnOutcome } from '../agents/outcome.ts';
import type { Backend, Conversation, ConversationOptions } from '../agents/ports.ts';
import type { AttemptEnd } from '../attempts/attempt-context.ts';
import type { Clock } from '../ports.ts';

/** The turn of a client: what it was asked, and where. */
export interface OpenTurn {
  /** From 1. */
  readonly number: number;
  readonly prompt: string;
  readonly worktree: string;
}

/**
 * Where the attempt and its client meet. To the attempt it is an agent CLI like any other: a turn begins with a prompt
 * and lasts until the client says how it ended.
 */
export class OutsideTurns implements Backend {
  readonly type = 'outside';
  /** Each prompt holds the whole task. */
  readonly remembers = false;
  readonly worksElsewhere = true;
  #open: (OpenTurn & { readonly resolve: (outcome: TurnOutcome) => void }) | undefined;
  #turns = 0;
  #end: AttemptEnd | undefined;
  #changed = Promise.withResolvers<void>();

  get turn(): OpenTurn | undefined {
    return this.#open;
  }

  /** How the attempt ended; absent while it lasts. */
  get end(): AttemptEnd | undefined {
    return this.#end;
  }

  open(options: ConversationOptions): Conversation {
    const begin = (prompt: string) => this.#begin(prompt, options);
    return {
      async *send(prompt) {
        // Makes the start of the step durable before anybody works by it.
        yield { type: 'session', sessionId: `${options.env['CW_ATTEMPT']}.${options.env['CW_STEP']}` };
        yield { type: 'outcome', outcome: await begin(prompt) };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  /** The client has ended its turn. */
  finish(result: AgentResult): void {
    const turn = this.#open;
    this.#open = undefined;
    turn?.resolve({ kind: 'success', text: '', result });
  }

  over(end: AttemptEnd): void {
    this.#end = end;
    this.#tell();
  }

  /** Resolves when it is the client's turn or all is over, after `ms` at the latest. */
  async settled(ms: number, clock: Clock): Promise<void> {
    const late = new AbortController();
    const timer = clock.sleep(ms, late.signal);
    let isLate = false;
    const timeout = timer.then(() => {
      isLate = true;
    });
    while (this.#open === undefined && this.#end === undefined && !isLate) {
      await Promise.race([this.#changed.promise, timeout]);
    }
    late.abort();
  }

  #begin(prompt: string, { cwd, signal }: ConversationOptions): Promise<TurnOutcome> {
    const { promise, resolve } = Promise.withResolvers<TurnOutcome>();
    const stop = () => {
      this.#open = undefined;
      resolve({ kind: 'killed', byUs: true, reason: 'its client was told to stop' });
    };
    if (signal.aborted) stop();
    else {
      signal.addEventListener('abort', stop, { once: true });
      this.#turns += 1;
      this.#open = { number: this.#turns, prompt, worktree: cwd, resolve };
      this.#tell();
    }
    return promise.finally(() => signal.removeEventListener('abort', stop));
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
