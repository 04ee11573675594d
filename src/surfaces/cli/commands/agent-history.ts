import { setTimeout } from 'node:timers/promises';
import { CodewalkError } from '../../../core/errors.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import {
  type HistoryOptions,
  historyJson,
  renderEnding,
  renderEntry,
  renderOpening,
  type SpokenTurn,
} from '../views/history.ts';
import { noAgent } from './agent-show.ts';

/** How often a followed conversation is looked at; what is said is stored without an event of its own. */
const POLL_MS = 250;

interface Wanted {
  readonly task: string;
  readonly role: string | undefined;
  readonly step: number | undefined;
}

export const agentHistory: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const { task } = await api.logs({ task: String(args[0]) });
  const role = textOption(options.agent);
  const wanted: Wanted = { task, role, step: options.step as number | undefined };
  const stop = new AbortController();
  context.io.onOutputClosed(() => stop.abort());
  const signal = AbortSignal.any([context.stopSignal(), stop.signal]);
  const printer = new Printer(context, { paint: context.paint, full: options.full === true }, signal);
  if (options.follow === true) {
    for (let over = false; !over && !signal.aborted; ) {
      over = (await api.logs({ task })).isOver;
      await printer.print(wanted);
      if (!over) await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    }
    return EXIT.ok;
  }
  if (await printer.print(wanted)) return EXIT.ok;
  if (wanted.step === undefined) throw noAgent(task, role, await api.agents({ task }));
  throw new CodewalkError('NO_HISTORY', `${task} has no conversation in step ${wanted.step}`, {
    advice: `see its steps: cw task show ${task}`,
  });
};

/** Prints a conversation from where it was printed last. */
class Printer {
  readonly #context: CliContext;
  readonly #options: HistoryOptions;
  readonly #signal: AbortSignal;
  /** How far each step is printed: the `first` of its last part, and whether its end was. */
  readonly #printed = new Map<number, { after: number; over: boolean }>();

  constructor(context: CliContext, options: HistoryOptions, signal: AbortSignal) {
    this.#context = context;
    this.#options = options;
    this.#signal = signal;
  }

  /** True when there was anything to print, now or before. */
  async print({ task, role, step: only }: Wanted): Promise<boolean> {
    const api = await this.#context.services.api();
    for (const { turn, ...step } of await api.turns({ task })) {
      const isWanted = (role ?? step.agent) === step.agent && (only ?? step.step) === step.step;
      if (turn === undefined || !isWanted || this.#printed.get(step.step)?.over === true) continue;
      await this.#printStep({ ...step, turn });
      if (this.#signal.aborted) break;
    }
    return this.#printed.size > 0;
  }

  async #printStep(step: SpokenTurn): Promise<void> {
    const api = await this.#context.services.api();
    const known = this.#printed.get(step.step);
    const parts = await api.said({ task: step.task, step: step.step, after: known?.after ?? -1 });
    const entries = parts.flatMap((part) => part.entries);
    const prompt = { at: step.turn.beganAt, type: 'prompt' as const, text: step.turn.prompt };
    const lines = this.#context.json
      ? [...(known === undefined ? [prompt] : []), ...entries].map((entry) => historyJson(step, entry))
      : [
          ...(known === undefined && this.#printed.size > 0 ? [''] : []),
          ...(known === undefined ? renderOpening(step, this.#options) : []),
          ...entries.flatMap((entry) => renderEntry(entry, this.#options)),
          ...renderEnding(step, this.#options),
        ];
    this.#printed.set(step.step, {
      after: parts.at(-1)?.first ?? known?.after ?? -1,
      over: step.turn.ended !== undefined,
    });
    if (lines.length > 0) this.#context.io.out(`${lines.join('\n')}\n`);
    await this.#context.io.drained();
  }
}
