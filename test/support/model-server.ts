import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from './model-server/anthropic.ts';
import { chat } from './model-server/chat.ts';
import { gemini, isGemini } from './model-server/gemini.ts';
import type { Protocol } from './model-server/protocol.ts';
import { TOKENS } from './model-server/protocol.ts';
import { position } from './model-server/question.ts';
import { responses } from './model-server/responses.ts';
import type { ParsedScenario, Scenario } from './model-server/scenarios.ts';
import { parseScenario, scenario } from './model-server/scenarios.ts';
import { sendAnswer, sendFailure, sendJson } from './model-server/send.ts';
import type { Step } from './model-server/steps.ts';
import { scriptIn } from './model-server/steps.ts';

const ROUTES = {
  '/v1/messages': { name: 'anthropic', speak: anthropic },
  '/v1/responses': { name: 'responses', speak: responses },
  '/v1/chat/completions': { name: 'chat', speak: chat },
} as const satisfies Record<string, { name: string; speak: Protocol }>;

const GEMINI = { name: 'gemini', speak: gemini } as const;

export type ProtocolName = (typeof ROUTES)[keyof typeof ROUTES]['name'] | typeof GEMINI.name;

/** Who answers what is posted to `path`; `undefined` when nobody does. */
function routeOf(path: string): { name: ProtocolName; speak: Protocol } | undefined {
  return isGemini(path) ? GEMINI : ROUTES[path as keyof typeof ROUTES];
}

/** A request as it came in. */
export interface RecordedRequest {
  /** `CONNECT` is an agent that tried to reach another host through the proxy of its environment. */
  readonly method: string;
  /** Without the scenario's prefix and the query; for a request to another host, that host or address. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON, or `undefined` without a body. */
  readonly body: unknown;
  readonly scenario: Scenario | undefined;
  readonly protocol: ProtocolName | undefined;
  /** The last user message, or `undefined` when the request asks for no answer. */
  readonly prompt: string | undefined;
}

/** What `fallback` may decide on: a recorded request that asks for an answer. */
export interface ModelRequest extends RecordedRequest {
  readonly protocol: ProtocolName;
  readonly prompt: string;
  readonly model: string;
  /** Names of the tools the agent offered. */
  readonly tools: readonly string[];
  /** How many tool results came since the prompt: the index of the step that will be sent. */
  readonly toolResults: number;
}

export interface ModelServerOptions {
  /**
   * The steps for a prompt without a marker, by default one `ok`. It is asked again after every tool result and
   * must then give the same steps. A promise lets a test hold the answer back.
   */
  readonly fallback?: (request: ModelRequest) => readonly Step[] | Promise<readonly Step[]>;
  /** Epoch seconds at which the usage limit of scenario `usage` ends; by default an hour from the start. */
  readonly usageResetsAt?: number;
}

/** A model on the loopback interface that answers by script, for agents that believe it is the real one. */
export interface ModelServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly origin: string;
  /** Everything that was asked, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** The requests that were meant for another host; a hermetic run leaves none. */
  readonly strays: readonly RecordedRequest[];
  /** Epoch seconds at which the usage limit of scenario `usage` ends. */
  readonly usageResetsAt: number;
  /** The address to give an agent: all its requests then meet `scenario`. */
  url(scenario?: Scenario): string;
}

/**
 * Starts a scripted model server. It serves the protocols of Anthropic (messages), OpenAI (responses, chat
 * completions) and Google (generateContent). A marker `@@FAKE[steps]@@` in the last user message scripts the answers: step n follows n tool
 * results, so the server holds no conversation and a resumed session continues by itself. After the last step it
 * says `done`. A request that offers no tools, such as the one for a session title, gets a plain text; it meets the
 * failures without a count only. A scenario counts its failures over the life of the server. A bad script is
 * answered with status 400.
 */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const model = new ScriptedModel(options);
  await model.listen();
  return model;
}

class ScriptedModel implements ModelServer {
  readonly requests: RecordedRequest[] = [];
  readonly usageResetsAt: number;
  readonly #failures = new Map<string, number>();
  readonly #idPrefix = randomBytes(4).toString('hex');
  readonly #server: Server;
  readonly #fallback: NonNullable<ModelServerOptions['fallback']>;
  #ids = 0;

  constructor(options: ModelServerOptions) {
    this.#fallback = options.fallback ?? (() => [{ text: 'ok' }]);
    this.usageResetsAt = options.usageResetsAt ?? Math.floor(Date.now() / 1000) + 3600;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connect', (request, socket) => {
      this.#record(request, { path: request.url ?? '', body: undefined });
      // The agent may drop the connection first; that it asked is all that matters.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get strays(): RecordedRequest[] {
    return this.requests.filter(({ path }) => !path.startsWith('/'));
  }

  url(name?: Scenario): string {
    return name === undefined ? this.origin : `${this.origin}/s/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #record(request: IncomingMessage, rest: Partial<RecordedRequest> & { path: string; body: unknown }) {
    const recorded: RecordedRequest = {
      scenario: undefined,
      protocol: undefined,
      prompt: undefined,
      ...rest,
      method: request.method ?? '',
      headers: request.headers,
    };
    this.requests.push(recorded);
    return recorded;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await bodyOf(request);
      if (!request.url?.startsWith('/')) {
        this.#record(request, { path: request.url ?? '', body });
        sendJson(response, 403, { error: 'Another host' });
        return;
      }
      await this.#route(request, response, body);
    } catch (error) {
      // The agent may have gone; then there is nobody to tell.
      if (!response.headersSent)
        sendJson(response, 400, { error: { message: String(error), type: 'bad_script' } });
      else response.destroy();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const [, name, path = ''] = /^(?:\/s\/([^/]+))?(\/.*)$/.exec(pathname) ?? [];
    const route = request.method === 'POST' ? routeOf(path) : undefined;
    if (!route) {
      this.#record(request, { path, body });
      if (path === '/v1/models') sendJson(response, 200, { object: 'list', data: [] });
      else if (path.endsWith(':countTokens')) sendJson(response, 200, { totalTokens: TOKENS.input });
      else sendJson(response, 404, { error: { message: `Nothing is served at ${path}` } });
      return;
    }
    const question = route.speak.read(body, path);
    const { prompt, toolResults } = position(question);
    const known = name === undefined ? undefined : scenario.parse(name);
    const { tools, model } = question;
    const recorded = this.#record(request, { path, body, scenario: known, protocol: route.name, prompt });
    const asked: ModelRequest = { ...recorded, protocol: route.name, prompt, model, tools, toolResults };
    const isAside = tools.length === 0;
    const step = isAside ? { text: 'Scripted session' } : await this.#step(asked);
    const failure =
      this.#next(known, { where: 'address', isAside }) ??
      this.#next(step.fail, { where: JSON.stringify([prompt, toolResults]), isAside });
    const exchange = { response, speak: route.speak, question, step, nextId: this.#nextId };
    if (failure) sendFailure(exchange, failure, this.usageResetsAt);
    else sendAnswer(exchange);
  }

  async #step(asked: ModelRequest): Promise<Step> {
    const steps = scriptIn(asked.prompt) ?? (await this.#fallback(asked));
    return steps[asked.toolResults] ?? { text: 'done' };
  }

  /** The failure that scenario `name` still owes to `where`, counted. */
  #next(
    name: Scenario | undefined,
    { where, isAside }: { where: string; isAside: boolean },
  ): ParsedScenario | undefined {
    if (name === undefined) return undefined;
    const parsed = parseScenario(name);
    if (parsed.times === Number.POSITIVE_INFINITY) return parsed;
    // An agent asks for a title whenever it likes; that must not use up what a test counts on.
    if (isAside) return undefined;
    const key = `${name} ${where}`;
    const failed = this.#failures.get(key) ?? 0;
    if (failed >= parsed.times) return undefined;
    this.#failures.set(key, failed + 1);
    return parsed;
  }

  readonly #nextId = (prefix: string): string => {
    this.#ids += 1;
    return `${prefix}_fake${this.#idPrefix}${String(this.#ids).padStart(4, '0')}`;
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = Buffer.concat(await Array.fromAsync(request)).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
