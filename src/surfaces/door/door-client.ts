import { request } from 'node:http';
import type { AgentDesk, AgentMessage, AskOutcome, PlanLine, TaskBrief } from '../../core/door/ports.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import { CALL_PATH, type Env, SOCKET, TOKEN } from './door-names.ts';

/** The desk of the turn that this process belongs to. Throws `UsageError` `NO_DOOR` outside of one. */
export function deskOf(env: Env): AgentDesk {
  const [socket, token] = [env[SOCKET], env[TOKEN]];
  if (socket && token) return new DoorClient(socket, token);
  throw new UsageError('NO_DOOR', 'No agent’s turn is going on here: CW_SOCKET and CW_TOKEN are not set', {
    advice: 'Only agents at work have this. A person writes with: cw tell <task> "…"',
  });
}

/** The agent's end of its door: one request to the socket of its orchestrator for each call. */
class DoorClient implements AgentDesk {
  readonly #socket: string;
  readonly #token: string;

  constructor(socket: string, token: string) {
    this.#socket = socket;
    this.#token = token;
  }

  task(): Promise<TaskBrief> {
    return this.#call('task', {});
  }

  plan(): Promise<readonly PlanLine[]> {
    return this.#call('plan', {});
  }

  ask(questions: Parameters<AgentDesk['ask']>[0], signal: AbortSignal): Promise<AskOutcome> {
    return this.#call('ask', { questions }, signal);
  }

  messages(): Promise<readonly AgentMessage[]> {
    return this.#call('messages', {});
  }

  send(message: Parameters<AgentDesk['send']>[0]): Promise<{ readonly id: string }> {
    return this.#call('send', message);
  }

  async report(progress: Parameters<AgentDesk['report']>[0]): Promise<void> {
    await this.#call('report', progress);
  }

  async result(result: Parameters<AgentDesk['result']>[0]): Promise<void> {
    await this.#call('result', result);
  }

  // The other end is this very program: what it answers is of the type that is asked for.
  async #call<Answer>(name: keyof AgentDesk, input: unknown, signal?: AbortSignal): Promise<Answer> {
    const { status, text } = await this.#post(`${CALL_PATH}${name}`, JSON.stringify(input), signal);
    const body = JSON.parse(text) as {
      answer?: Answer;
      error?: { code: string; message: string; advice?: string };
    };
    if (body.error === undefined) return body.answer as Answer;
    const { code, message, advice } = body.error;
    if (status === 401) throw turnOver();
    const Kind = status === 400 ? UsageError : CodewalkError;
    throw new Kind(code, message, { advice });
  }

  #post(
    path: string,
    body: string,
    signal: AbortSignal | undefined,
  ): Promise<{ status: number; text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    // A connection that is kept may be closed by the other end just when it is used again.
    const options = { socketPath: this.#socket, agent: false, path, method: 'POST', headers } as const;
    const call = request({ ...options, ...(signal === undefined ? {} : { signal }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    call.on('error', (cause) => {
      reject(signal?.aborted === true ? signal.reason : unreachable(cause));
    });
    call.end(body);
    return promise;
  }
}

function turnOver(): CodewalkError {
  return new CodewalkError('TURN_OVER', 'This turn is over, or its token is not the right one', {
    advice: 'End now: what lies in the worktree is kept.',
  });
}

function unreachable(cause: unknown): CodewalkError {
  return new CodewalkError('ORCHESTRATOR_GONE', 'The orchestrator of this turn does not answer', {
    advice: 'Go on without it, or end with {"status":"questions",…}.',
    cause,
  });
}
