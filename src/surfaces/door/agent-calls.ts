import * as z from 'zod';
import { agentResult, question } from '../../core/agents/outcome.ts';
import type { AgentDesk } from '../../core/door/ports.ts';
import { UsageError } from '../../core/errors.ts';

const TEXT_CHARS = 20_000;
const REPORT_CHARS = 2_000;
const MOST_QUESTIONS = 20;
const text = (most: number) => z.string().trim().min(1).max(most);
const nothing = z.object({});

type Call = (desk: AgentDesk, input: unknown, signal: AbortSignal) => Promise<unknown>;

/** What an agent may call, each with what it may say there; anything else in it is passed over. */
const CALLS = {
  task: call(nothing, (desk) => desk.task()),
  plan: call(nothing, (desk) => desk.plan()),
  ask: call(
    z.object({ questions: z.array(question).min(1).max(MOST_QUESTIONS) }),
    (desk, { questions }, signal) => desk.ask(questions, signal),
  ),
  messages: call(nothing, (desk) => desk.messages()),
  send: call(
    z.object({ to: text(200), text: text(TEXT_CHARS), replyTo: text(100).optional() }),
    (desk, { replyTo, ...message }) =>
      desk.send({ ...message, ...(replyTo === undefined ? {} : { replyTo }) }),
  ),
  report: call(
    z.object({ text: text(REPORT_CHARS), percent: z.number().min(0).max(100).optional() }),
    (desk, { percent, ...progress }) =>
      desk.report({ ...progress, ...(percent === undefined ? {} : { percent }) }),
  ),
  result: call(agentResult, (desk, result) => desk.result(result)),
} satisfies Record<keyof AgentDesk, Call>;

/** Carries out one call at a desk. Throws `UsageError` for a call or an input that there is not. */
export async function callDesk(
  desk: AgentDesk,
  name: string,
  input: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const calls: Readonly<Record<string, Call>> = CALLS;
  const chosen = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (chosen === undefined) {
    throw new UsageError('UNKNOWN_CALL', `There is no call ${name} here`, {
      advice: `There are: ${Object.keys(CALLS).join(', ')}.`,
    });
  }
  return await chosen(desk, input, signal);
}

function call<Schema extends z.ZodType>(
  schema: Schema,
  carryOut: (desk: AgentDesk, input: z.output<Schema>, signal: AbortSignal) => Promise<unknown>,
): Call {
  return async (desk, input, signal) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return await carryOut(desk, parsed.data, signal);
    const message = z.prettifyError(parsed.error).replace(/\s+/g, ' ').replace(/^✖ /, '');
    throw new UsageError('BAD_INPUT', message, { advice: 'Mend the call and make it again.' });
  };
}
