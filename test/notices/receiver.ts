import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers to the request of that number, from 0; with `silence` the connection stays open. */
export type Answers = (
  index: number,
) => { status: number; headers?: Record<string, string> } | 'nothing' | 'silence';

/** A webhook receiver that keeps what it gets. */
export async function startReceiver(t: TestContext, answers: Answers = () => ({ status: 204 })) {
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const answer = answers(received.length);
      received.push({ headers: request.headers, body });
      for (const each of waiting) if (received.length >= each.count) each.resolve();
      if (answer === 'nothing') request.socket.destroy();
      else if (answer !== 'silence') response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    /** Resolves when so many requests have come. */
    async came(count: number): Promise<void> {
      if (received.length >= count) return;
      await new Promise<void>((resolve) => waiting.push({ count, resolve }));
    },
  };
}
