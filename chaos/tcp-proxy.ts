import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * How a connection is cut. `stall`: everything waits and gets through when it heals, also what its sender has given up.
 * `swallow`: everything is accepted and lost. `reset`: connections break, and new ones are refused.
 */
export const CUTS = ['stall', 'swallow', 'reset'] as const;
export type Cut = (typeof CUTS)[number];

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** Stands between a host and one server on the loopback, and can be cut. Disposing closes it. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  #cut: Cut | undefined;

  private constructor(target: number) {
    this.#target = target;
    // Both directions end on their own, as they do without us.
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** `target`: port of the server. */
  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy does not listen');
    return address.port;
  }

  cut(how: Cut): void {
    this.#cut = how;
    for (const pair of this.#pairs) this.#harm(pair);
  }

  heal(): void {
    const how = this.#cut;
    this.#cut = undefined;
    for (const { client, upstream } of this.#pairs) {
      if (how === 'stall') {
        client.resume();
        upstream.resume();
      } else {
        // What was lost on the way never comes again.
        client.resetAndDestroy();
        upstream.destroy();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#cut === 'reset') {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const upstream = dial({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { client, upstream };
    this.#pairs.add(pair);
    this.#pass(pair, client, upstream);
    this.#pass(pair, upstream, client);
    this.#harm(pair);
  }

  #pass(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (this.#cut !== 'swallow') to.write(chunk);
    });
    from.on('end', () => {
      if (this.#cut !== 'swallow') to.end();
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroySoon();
    });
  }

  #harm({ client, upstream }: Pair): void {
    if (this.#cut === 'stall') {
      client.pause();
      upstream.pause();
    }
    if (this.#cut === 'reset') {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }
}
