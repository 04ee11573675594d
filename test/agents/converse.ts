import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { AgentEvent, Conversation, ConversationOptions } from '../../src/core/agents/ports.ts';
import { PATH_ENV, ROOMY } from './launch.ts';

type Overrides = Partial<Omit<ConversationOptions, 'provider' | 'agent' | 'limits'>> & {
  provider?: Partial<ConversationOptions['provider']>;
  agent?: Partial<ConversationOptions['agent']>;
  limits?: Partial<ConversationOptions['limits']>;
};

/** Options of a coder's conversation in this directory, with the given parts replaced. */
export function conversation({ provider, agent, limits, ...rest }: Overrides = {}): ConversationOptions {
  return {
    cwd: import.meta.dirname,
    mcp: [],
    env: PATH_ENV,
    signal: new AbortController().signal,
    ...rest,
    provider: { name: 'test', type: 'command', command: 'sh', args: [], env: {}, ...provider },
    agent: { role: 'coder', systemPrompt: '', tools: ['edit', 'shell'], verdict: false, ...agent },
    limits: { ...ROOMY, ...limits },
  };
}

export interface Turn {
  readonly events: readonly AgentEvent[];
  readonly outcome: TurnOutcome;
  /** The last session id that was reported. */
  readonly session: string | undefined;
  readonly text: string;
}

/** Sends one prompt and collects all that comes back. */
export async function turn(talk: Conversation, prompt: string): Promise<Turn> {
  const events: AgentEvent[] = [];
  for await (const event of talk.send(prompt)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'outcome') throw new Error(`The last event is ${JSON.stringify(last)}, not an outcome`);
  return {
    events,
    outcome: last.outcome,
    session: events.findLast((event) => event.type === 'session')?.sessionId,
    text: events
      .filter((event) => event.type === 'text')
      .map((event) => event.text)
      .join('\n'),
  };
}

/** Sends one prompt in a conversation of its own. */
export async function oneTurn(open: () => Conversation, prompt = 'hi'): Promise<Turn> {
  await using talk = open();
  return await turn(talk, prompt);
}
