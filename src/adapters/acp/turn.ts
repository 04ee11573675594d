import { type ClientContext, client, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk';
import type { Turn } from '../../core/agents/conversation.ts';
import { describeExit, exitOutcome, type TurnEnd } from '../../core/agents/exit-outcome.ts';
import { Tail } from '../../core/agents/json-line.ts';
import type { Question, TurnOutcome } from '../../core/agents/outcome.ts';
import { decidePermission } from '../../core/agents/permissions.ts';
import {
  type AgentEvent,
  type AgentProcess,
  AT_ONCE,
  type ConversationOptions,
  type Launcher,
  type OutputLine,
} from '../../core/agents/ports.ts';
import { NO_TOTALS } from '../../core/agents/totals.ts';
import { messageOf } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { answered, neverSpoke, refused } from './classify.ts';
import {
  initialized,
  type Opened,
  opened,
  type PermissionParams,
  permissionParams,
  prompted,
  updateNotice,
} from './messages.ts';
import { modeFor, modelFor, type Setting } from './settings.ts';
import { TurnState } from './translate.ts';
import { usageOf } from './usage.ts';
import { Wire } from './wire.ts';

export interface TurnParts {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly options: ConversationOptions;
  readonly turn: Turn;
}

/** An agent that was told to cancel its turn gets this long to say that it has. */
const CANCEL_MS = 2_000;
const MAX_QUESTIONS = 20;

/** One turn: the agent is started, opens or loads its session, gets the prompt, and is stopped once it has answered. */
export async function* runTurn(parts: TurnParts): AsyncGenerator<AgentEvent> {
  yield* new AcpTurn(parts).run();
}

class AcpTurn {
  readonly #parts: TurnParts;
  readonly #state = new TurnState();
  readonly #stop = new AbortController();
  readonly #stderr = new Tail();
  readonly #stray = new Tail();
  /** What the dialogue has to report beside what the updates say. */
  readonly #reports: AgentEvent[] = [];
  #woken = Promise.withResolvers<void>();
  #spoke = false;
  #over = false;
  #sessionId: string | undefined;
  #questions: readonly Question[] = [];
  /** Set once the turn is to end before the agent has ended it. */
  readonly #cancelled = Promise.withResolvers<void>();

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  async *run(): AsyncGenerator<AgentEvent> {
    const { launcher, options, turn } = this.#parts;
    const { provider, cwd, env, limits, confinement, beforeStop } = options;
    if (turn.signal.aborted) this.#stop.abort(turn.signal.reason);
    await using running = await launcher.start({
      command: provider.command,
      args: provider.args,
      cwd,
      env: { ...env, ...provider.env },
      keepInput: true,
      limits,
      ...(confinement === undefined ? {} : { confinement }),
      // The agent hears of a stop before its processes do.
      signal: this.#stop.signal,
      // An agent whose turn is over is stopped too, and has nothing left to lose.
      ...(beforeStop === undefined
        ? {}
        : { beforeStop: async () => void (this.#over || (await beforeStop())) }),
    });
    turn.owns(running);
    if (running.identity !== undefined) yield { type: 'process', identity: running.identity };
    const onStop = () => {
      if (turn.signal.reason === AT_ONCE) this.#stop.abort(AT_ONCE);
      this.#cancelled.resolve();
    };
    turn.signal.addEventListener('abort', onStop, { once: true });
    if (turn.signal.aborted) onStop();
    try {
      const outcome = yield* this.#talk(running);
      yield* this.#state.flush();
      this.#over = outcome.kind === 'success';
      yield { type: 'outcome', outcome };
    } finally {
      turn.signal.removeEventListener('abort', onStop);
      this.#stop.abort();
    }
  }

  /** Reads and answers until the dialogue is over or the process is gone. */
  async *#talk(running: AgentProcess): AsyncGenerator<AgentEvent, TurnOutcome> {
    const wire = new Wire((text) => running.write(text));
    const lines = running.lines()[Symbol.asyncIterator]();
    const connection = client({ name: 'codewalk' })
      .onRequest('session/request_permission', permissionParams, ({ params }) => this.#permit(params))
      .connect(wire.stream);
    let said: TurnOutcome | undefined;
    const dialogue = this.#dialogue(connection.agent).then((outcome) => {
      said = outcome;
      this.#woken.resolve();
    });
    let next = lines.next();
    let over = false;
    while (!over && said === undefined) {
      const line = await Promise.race([next, this.#woken.promise]);
      if (line === undefined) this.#woken = Promise.withResolvers();
      else if (line.done === true) over = true;
      else {
        yield* this.#line(line.value, wire);
        next = lines.next();
      }
      yield* this.#reports.splice(0);
    }
    if (said === undefined) {
      wire.end();
      connection.close();
      await dialogue;
      const end = {
        exit: await running.exit,
        command: this.#parts.options.provider.command,
        stderrTail: this.#stderr.toString(),
      };
      yield* this.#reports.splice(0);
      return this.#gone(end);
    }
    connection.close();
    return said;
  }

  *#line(line: OutputLine, wire: Wire): Generator<AgentEvent> {
    this.#parts.options.onRawLine?.(line);
    if (line.stream === 'stderr') {
      this.#stderr.add(line.text);
      return;
    }
    const taken = wire.take(line);
    if (taken.kind === 'stray') this.#stray.add(line.text.slice(0, 2_000));
    else this.#spoke = true;
    if (taken.kind === 'answer' && taken.method === 'session/load') this.#state.loaded();
    if (taken.kind !== 'notification' || taken.method !== 'session/update') return;
    const notice = updateNotice.safeParse(taken.params);
    if (notice.success) yield* this.#state.take(notice.data.update);
  }

  /** The client's side from the first request to the last answer. Never rejects. */
  async #dialogue(agent: ClientContext): Promise<TurnOutcome | undefined> {
    const { options, clock } = this.#parts;
    let doing = 'initialize';
    const ask = async (method: string, params: unknown): Promise<unknown> => {
      doing = method;
      return await agent.request<unknown>(method, params);
    };
    const talk = async (): Promise<TurnOutcome> => {
      const session = await this.#open(ask);
      if ('kind' in session) return session;
      const { id } = session;
      await this.#settle(session.offers, id, ask);
      this.#state.prompted();
      const response = prompted.parse(
        await ask('session/prompt', {
          sessionId: id,
          prompt: [{ type: 'text', text: this.#prompt() }],
        }),
      );
      for (const event of this.#state.flush()) this.#report(event);
      const used = usageOf(response, this.#state.costUsd, this.#parts.turn.session?.totals ?? NO_TOTALS);
      if (used !== undefined) this.#report(used);
      return answered(response, this.#state.answer, clock.now());
    };
    const outcome = talk().catch((error: unknown): TurnOutcome | undefined => {
      if (error instanceof RequestError) return refused(error, doing, clock.now());
      // The connection is closed with the process, whose end says more.
      if (this.#parts.turn.signal.aborted || this.#isClosed(error)) return undefined;
      return { kind: 'transient', reason: `${doing}: ${messageOf(error)}` };
    });
    const ended = await Promise.race([outcome, this.#cancelled.promise.then(() => 'cancelled' as const)]);
    const final = ended === 'cancelled' ? await this.#cancel(agent, outcome) : ended;
    if (this.#questions.length > 0) return this.#asking();
    if (this.#parts.turn.signal.aborted && final?.kind !== 'success') {
      return { kind: 'killed', byUs: true, reason: `${options.provider.command} was stopped` };
    }
    return final;
  }

  #isClosed(error: unknown): boolean {
    return error instanceof Error && error.message === 'ACP connection closed';
  }

  /** Tells the agent to end its turn and waits a moment for it. */
  async #cancel(
    agent: ClientContext,
    outcome: Promise<TurnOutcome | undefined>,
  ): Promise<TurnOutcome | undefined> {
    const patience = new AbortController();
    if (this.#sessionId !== undefined) {
      await agent.notify('session/cancel', { sessionId: this.#sessionId }).catch(() => undefined);
    } else if (this.#parts.turn.signal.aborted) return undefined;
    const over = this.#parts.clock.sleep(CANCEL_MS, patience.signal).then(() => undefined);
    const ended = await Promise.race([outcome, over]);
    patience.abort();
    return ended;
  }

  async #open(
    ask: (method: string, params: unknown) => Promise<unknown>,
  ): Promise<TurnOutcome | { id: string; offers: Opened }> {
    const { options, turn } = this.#parts;
    const { cwd, provider } = options;
    const agent = initialized.parse(
      await ask('initialize', {
        protocolVersion: PROTOCOL_VERSION,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'codewalk', title: 'Codewalk', version: '1' },
      }),
    );
    if (agent.protocolVersion !== PROTOCOL_VERSION) {
      const version = agent.protocolVersion ?? 'none';
      const reason = `${provider.command} speaks version ${version} of the Agent Client Protocol, not ${PROTOCOL_VERSION}`;
      return { kind: 'permanent', cause: 'config', reason };
    }
    const mcpServers = options.mcp.map(({ name, command, args, env }) => ({
      name,
      command,
      args,
      env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    }));
    const { session } = turn;
    if (session !== undefined && agent.agentCapabilities?.loadSession !== true) {
      return { kind: 'context_limit', reason: `${provider.command} cannot load an earlier session` };
    }
    const offers = opened.parse(
      (await (session === undefined
        ? ask('session/new', { cwd, mcpServers })
        : ask('session/load', { sessionId: session.sessionId, cwd, mcpServers }))) ?? {},
    );
    const id = session?.sessionId ?? offers.sessionId;
    if (id === undefined) return { kind: 'transient', reason: `${provider.command} opened no session` };
    this.#sessionId = id;
    this.#report({ type: 'session', sessionId: id });
    return { id, offers };
  }

  /** Mode and model. A mode that cannot be had is told only: permissions are decided here in any case. */
  async #settle(
    offers: Opened,
    sessionId: string,
    ask: (method: string, params: unknown) => Promise<unknown>,
  ): Promise<void> {
    const { agent, provider } = this.#parts.options;
    const set = ({ method, params }: Setting) => ask(method, { sessionId, ...params });
    const mode = modeFor(agent, offers);
    if (mode !== undefined) {
      await set(mode).catch((error: unknown) => {
        if (!(error instanceof RequestError)) throw error;
        this.#report({ type: 'notice', message: `mode ${mode.value} was refused: ${error.message}` });
      });
    }
    const wanted = agent.model ?? provider.model;
    if (wanted === undefined) return;
    const model = modelFor(wanted, offers);
    if (model !== undefined) await set(model);
    else if (offers.models === undefined && offers.configOptions === undefined) {
      this.#report({
        type: 'notice',
        message: `${provider.command} cannot be told to use the model ${wanted}`,
      });
    }
  }

  /** The protocol has no place for a system prompt: it stands before the first prompt of a session. */
  #prompt(): string {
    const { options, turn } = this.#parts;
    const { systemPrompt } = options.agent;
    return turn.session === undefined && systemPrompt !== ''
      ? `${systemPrompt}\n\n${turn.prompt}`
      : turn.prompt;
  }

  #permit({ toolCall, options: offered }: PermissionParams): {
    outcome: { outcome: 'cancelled' } | { outcome: 'selected'; optionId: string };
  } {
    const { agent, cwd, grants = [] } = this.#parts.options;
    const request = this.#state.permission(toolCall, cwd);
    const decision = decidePermission(request, { agent, grants });
    const choose = (...kinds: readonly string[]) => {
      const option = kinds.flatMap((kind) => offered.filter((each) => each.kind === kind)).at(0);
      return option === undefined
        ? { outcome: { outcome: 'cancelled' as const } }
        : { outcome: { outcome: 'selected' as const, optionId: option.optionId } };
    };
    switch (decision.kind) {
      case 'allow':
        return choose('allow_once', 'allow_always');
      case 'deny':
        this.#report({ type: 'notice', message: `denied ${request.subject}: ${decision.reason}` });
        return choose('reject_once', 'reject_always');
      case 'ask':
        if (this.#questions.length < MAX_QUESTIONS) this.#questions = [...this.#questions, decision.question];
        // After the answer to this request, which the protocol wants to be "cancelled" too.
        setImmediate(() => this.#cancelled.resolve());
        return { outcome: { outcome: 'cancelled' } };
    }
  }

  #asking(): TurnOutcome {
    const unique = [...new Map(this.#questions.map((each) => [each.question, each])).values()];
    return {
      kind: 'success',
      text: this.#state.answer,
      result: { status: 'questions', questions: unique },
    };
  }

  /** The outcome when the process is gone before the dialogue was over. */
  #gone(end: TurnEnd): TurnOutcome {
    if (this.#questions.length > 0) return this.#asking();
    const { command } = end;
    if (this.#parts.turn.signal.aborted)
      return { kind: 'killed', byUs: true, reason: `${command} was stopped` };
    const install = 'Install it, or check `command` of this provider in the config';
    const outcome = exitOutcome(end, { install });
    if (outcome !== undefined) return outcome;
    const reason = describeExit(end, this.#stray.toString());
    return this.#spoke ? { kind: 'transient', reason } : neverSpoke(reason, this.#parts.clock.now());
  }

  #report(event: AgentEvent): void {
    this.#reports.push(event);
    this.#woken.resolve();
  }
}
