import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

// A least MCP server on standard input and output. It writes down what it was started with, for the test to read.
const [, , seen = '', argument] = process.argv;
const send = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

writeFileSync(
  seen,
  JSON.stringify({
    argument,
    token: process.env.TASK_TOKEN,
    tree: execFileSync('ps', ['-axww', '-o', 'args='], { encoding: 'utf8' }),
  }),
);

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'orch', version: '1' };
    send({
      id,
      result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo },
    });
  } else if (method === 'tools/list') {
    send({
      id,
      result: {
        tools: [{ name: 'ping', description: 'Answers', inputSchema: { type: 'object', properties: {} } }],
      },
    });
  } else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown method' } });
});
