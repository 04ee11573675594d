import { crashPoint } from '../crash-points.ts';
import type { Turn } from './conversation.ts';
import { TurnConversation } from './conversation.ts';
import type { TurnEnd } from './exit-outcome.ts';
import { Tail } from './json-line.ts';
import type {
  AgentEvent,
  ConversationOptions,
  Launcher,
  LaunchSpec,
  OutputLine,
  SessionRef,
} from './ports.ts';

/** One turn of a CLI: what to start, and how to understand it. */
export interface CliTurn {
  readonly command: string;
  readonly args: LaunchSpec['args'];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly reader: TurnReader;
}

/** Understands the output of one turn. Never throws: what it does not know it passes over. */
export interface TurnReader {
  stdout(line: OutputLine): readonly AgentEvent[];
  /** What is left to report when the process is gone; the last event is the outcome. */
  end(end: TurnEnd): readonly AgentEvent[];
}

/** Makes the next turn of one CLI; without a session it begins one. */
export type PlanTurn = (prompt: string, session: SessionRef | undefined) => CliTurn;

/**
 * A conversation with a CLI that is started anew for every turn, prints what it does and ends, and finds its session
 * again by id.
 */
export class CliConversation extends TurnConversation {
  constructor(launcher: Launcher, options: ConversationOptions, plan: PlanTurn) {
    super(options, (turn) => runCli(launcher, options, plan, turn));
  }
}

async function* runCli(
  launcher: Launcher,
  options: ConversationOptions,
  plan: PlanTurn,
  turn: Turn,
): AsyncGenerator<AgentEvent> {
  const { cwd, limits, confinement, beforeStop, onRawLine } = options;
  const { reader, ...program } = plan(turn.prompt, turn.session);
  await using running = await launcher.start({
    ...program,
    cwd,
    limits,
    ...(confinement === undefined ? {} : { confinement }),
    signal: turn.signal,
    ...(beforeStop === undefined ? {} : { beforeStop }),
  });
  turn.owns(running);
  if (running.identity !== undefined) yield { type: 'process', identity: running.identity };
  const stderr = new Tail();
  for await (const line of running.lines()) {
    crashPoint('agent.heard');
    onRawLine?.(line);
    if (line.stream === 'stderr') stderr.add(line.text);
    else yield* reader.stdout(line);
  }
  yield* reader.end({ exit: await running.exit, command: program.command, stderrTail: stderr.toString() });
}
