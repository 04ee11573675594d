import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { AgentDesk, AgentDoors, DoorFor, OpenDoor } from '../../core/door/ports.ts';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import { answerJson, type HttpCall, HttpFront } from '../api/http-front.ts';
import { callDesk } from './agent-calls.ts';
import { CALL_PATH, SOCKET, TOKEN } from './door-names.ts';

const TOKEN_BYTES = 32;
const [BAD_REQUEST, REFUSED, BROKEN, OVER] = [400, 409, 500, 410];

/** How agents start this program: found by them under the name `cw`. */
export interface AgentProgram {
  /** Words that a shell script begins with; the agent's own follow. */
  readonly command: readonly [string, ...string[]];
  /** What a confined agent has to see of the machine to run it. */
  readonly readable: readonly string[];
}

interface Parts {
  /** Makes the private directory that the socket and the program lie in. */
  readonly directory: () => Promise<string>;
  readonly program: AgentProgram;
  /** How long a question may keep an agent waiting, ms. */
  readonly waitMs: number;
  readonly onNotice: (message: string) => void;
}

interface OpenTurn {
  readonly desk: AgentDesk;
  readonly signal: AbortSignal;
}

/** A CLI gives up on a call that takes longer than the wait for an answer by so much, ms. */
const CALL_GRACE_MS = 60_000;
const NO_DOOR: OpenDoor = { env: {}, mcp: [], readable: [], mounts: [], async [Symbol.asyncDispose]() {} };

/**
 * One unix socket for all agents of this process. Each turn gets a token of 256 bits; only its hash is kept, and it
 * ends with the turn. The socket is made when the first turn asks for it.
 */
export class SocketDoors implements AgentDoors, AsyncDisposable {
  readonly #parts: Parts;
  readonly #turns = new Map<string, OpenTurn>();
  readonly #front: HttpFront<OpenTurn>;
  #place: Promise<string | undefined> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#front = new HttpFront<OpenTurn>({
      authenticate: (token) => this.#turns.get(hashOf(token)),
      routes: [{ path: CALL_PATH, allows: () => true, handle: answerCall }],
      onError: (error) => parts.onNotice(`The door of the agents: ${messageOf(error)}`),
    });
  }

  async open(_turn: DoorFor, desk: AgentDesk): Promise<OpenDoor> {
    this.#place ??= this.#makePlace();
    const place = await this.#place;
    if (place === undefined) return NO_DOOR;
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const over = new AbortController();
    const hash = hashOf(token);
    this.#turns.set(hash, { desk, signal: over.signal });
    const env = { [SOCKET]: socketIn(place), [TOKEN]: token };
    const callTimeoutMs = this.#parts.waitMs + CALL_GRACE_MS;
    const turns = this.#turns;
    return {
      env: { ...env, PATH: binIn(place), BASH_ENV: shellFileIn(place) },
      mcp: [{ name: 'codewalk', command: join(binIn(place), 'cw'), args: ['mcp'], env, callTimeoutMs }],
      readable: this.#parts.program.readable,
      mounts: [{ source: place, target: place, writable: false }],
      async [Symbol.asyncDispose]() {
        turns.delete(hash);
        over.abort();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#front[Symbol.asyncDispose]();
    const place = await this.#place;
    if (place !== undefined) await rm(place, { recursive: true, force: true });
  }

  /** Without a way agents work as before: they can still end with questions. */
  async #makePlace(): Promise<string | undefined> {
    try {
      const place = await this.#parts.directory();
      await mkdir(binIn(place), { mode: 0o700 });
      const words = this.#parts.program.command.map(quoted).join(' ');
      await writeFile(join(binIn(place), 'cw'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o700 });
      await writeFile(shellFileIn(place), pathLine(binIn(place)), { mode: 0o600 });
      await this.#front.listenOnSocket(socketIn(place));
      return place;
    } catch (error) {
      this.#parts.onNotice(`Agents cannot reach this process while they work: ${messageOf(error)}`);
      return undefined;
    }
  }
}

async function answerCall({ request, response, actor }: HttpCall<OpenTurn>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const name = (request.url ?? '').slice(CALL_PATH.length);
  try {
    const input = await readJson(request);
    const signal = AbortSignal.any([gone.signal, actor.signal]);
    const answer = await callDesk(actor.desk, name, input, signal);
    answerJson(response, 200, { answer: answer ?? null });
  } catch (error) {
    if (actor.signal.aborted)
      return fail(response, OVER, { code: 'TURN_OVER', message: 'This turn is over' });
    if (!(error instanceof CodewalkError)) {
      return fail(response, BROKEN, { code: 'INTERNAL', message: messageOf(error) });
    }
    const { code, message, advice } = error;
    fail(response, error instanceof UsageError ? BAD_REQUEST : REFUSED, { code, message, advice });
  }
}

function fail(
  response: ServerResponse,
  status: number,
  error: { code: string; message: string; advice?: string | undefined },
): void {
  if (!response.destroyed) answerJson(response, status, { error });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new UsageError('BAD_JSON', 'The body of the call is no JSON', { advice: 'Send one JSON object.' });
  }
}

function socketIn(place: string): string {
  return join(place, 's');
}

function binIn(place: string): string {
  return join(place, 'bin');
}

/** Read by every bash that runs a command (bash(1), "INVOCATION"). */
function shellFileIn(place: string): string {
  return join(place, 'bash-env');
}

/** Some agents, Goose for one, give their shells the PATH of a login shell in place of their own. */
function pathLine(bin: string): string {
  return `case ":$PATH:" in *:${quoted(bin)}:*) ;; *) PATH=${quoted(bin)}:$PATH ;; esac\n`;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
