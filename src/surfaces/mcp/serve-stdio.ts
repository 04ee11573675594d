import type { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';

/**
 * Serves one client on standard input and output, of the current protocol or an older one, until it closes its end or
 * the signal comes.
 */
export async function serveOnStdio(create: () => McpServer, signal: AbortSignal): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const handle = serveStdio(create, { transport: new StdioServerTransport() });
  process.stdin.once('end', resolve).once('close', resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await closed;
  await handle.close();
}
