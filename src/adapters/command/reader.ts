import type { TurnReader } from '../../core/agents/cli-conversation.ts';
import type { TurnEnd } from '../../core/agents/exit-outcome.ts';
import { describeExit, endedWell, exitOutcome } from '../../core/agents/exit-outcome.ts';
import { Tail } from '../../core/agents/json-line.ts';
import type { TurnOutcome } from '../../core/agents/outcome.ts';
import type { AgentEvent, OutputLine } from '../../core/agents/ports.ts';
import { parseAgentResult } from '../../core/agents/result.ts';

/** A result is looked for in this much of the end of the output. */
const KEPT = 200_000;
/** What a shell ends with when a command may not be executed, or is not there. */
const NOT_EXECUTABLE = [126, 127];

/** The output of a program is its text, and the last JSON object in it its result. */
export class CommandReader implements TurnReader {
  readonly #session: string;
  readonly #printed = new Tail(KEPT);
  #named = false;

  constructor(session: string) {
    this.#session = session;
  }

  stdout(line: OutputLine): readonly AgentEvent[] {
    this.#printed.add(line.text);
    return [...this.#name(), { type: 'text', text: line.text }];
  }

  end(end: TurnEnd): readonly AgentEvent[] {
    // Stopped before it said a word, it may not have read its prompt: nothing of the conversation is known then.
    const ran = end.exit.kind === 'exited';
    return [...(ran ? this.#name() : []), { type: 'outcome', outcome: this.#outcome(end) }];
  }

  #name(): AgentEvent[] {
    if (this.#named) return [];
    this.#named = true;
    return [{ type: 'session', sessionId: this.#session }];
  }

  #outcome(end: TurnEnd): TurnOutcome {
    const install = 'Check `command` of this provider in the config';
    const printed = this.#printed.toString();
    const outcome = exitOutcome(end, { install });
    if (outcome !== undefined) return outcome;
    if (endedWell(end.exit)) {
      const result = parseAgentResult(printed);
      return { kind: 'success', text: printed, ...(result === undefined ? {} : { result }) };
    }
    const reason = describeExit(end, printed);
    if (end.exit.kind === 'exited' && NOT_EXECUTABLE.includes(end.exit.code)) {
      return { kind: 'permanent', cause: 'config', reason };
    }
    return { kind: 'transient', reason };
  }
}
