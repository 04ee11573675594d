import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { parseJsonLine } from '../../core/agents/json-line.ts';
import type { OutputLine } from '../../core/agents/ports.ts';

/** What a line of the agent's output is. */
export type Line =
  | { kind: 'notification'; method: string; params: unknown }
  /** Passed on. */
  | { kind: 'request' }
  /** Passed on: the answer to what we asked by `method`. */
  | { kind: 'answer'; method: string }
  /** No message of the protocol, or an answer to nothing that was asked. */
  | { kind: 'stray' };

/**
 * The protocol's messages between the lines of a process and the SDK's connection. Only what the connection knows how
 * to treat reaches it: it prints what it does not expect, and what agents write must not reach the terminal. Lines are
 * told apart in their order, so that an update that came before an answer is also treated before it.
 */
export class Wire {
  readonly stream: Stream;
  readonly #write: (text: string) => Promise<void>;
  readonly #asked = new Map<number | string, string>();
  #incoming: ReadableStreamDefaultController<AnyMessage> | undefined;
  #closed = false;

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
    this.stream = {
      readable: new ReadableStream({
        start: (controller) => {
          this.#incoming = controller;
        },
        cancel: () => {
          this.#closed = true;
        },
      }),
      writable: new WritableStream({ write: (message) => this.#send(message) }),
    };
  }

  take(line: OutputLine): Line {
    const json = parseJsonLine(line);
    if (json === undefined) return { kind: 'stray' };
    const { id, method, params } = json;
    if (typeof method === 'string') {
      if (id === undefined) return { kind: 'notification', method, params };
      if (!isId(id)) return { kind: 'stray' };
      this.#pass(json);
      return { kind: 'request' };
    }
    const asked = isId(id) ? this.#asked.get(id) : undefined;
    if (!isId(id) || asked === undefined) return { kind: 'stray' };
    this.#asked.delete(id);
    this.#pass(json);
    return { kind: 'answer', method: asked };
  }

  /** Nothing more comes: what still waits for an answer fails. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#incoming?.close();
  }

  #pass(json: Record<string, unknown>): void {
    if (!this.#closed) this.#incoming?.enqueue({ ...json, jsonrpc: '2.0' } as AnyMessage);
  }

  #send(message: AnyMessage): Promise<void> {
    if ('method' in message && 'id' in message && isId(message.id))
      this.#asked.set(message.id, message.method);
    return this.#write(`${JSON.stringify(message)}\n`);
  }
}

function isId(id: unknown): id is number | string {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
}
