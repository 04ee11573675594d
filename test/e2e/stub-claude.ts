// Speaks like Claude Code (`claude -p --output-format stream-json`): keeps sessions in its home, counts what a session
// used since its beginning, and knows no session of another home. It is started by `cw`, never imported.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

interface Session {
  readonly prompts: readonly string[];
}

/** What one turn costs; a session of two turns reports twice as much. */
export const TURN = { input: 1_000, cached: 400, output: 200, usd: 0.25 } as const;

async function main(args: readonly string[], home: string): Promise<number> {
  const prompt = await text(process.stdin);
  const value = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const known = value('--resume');
  const id = known ?? value('--session-id') ?? '';
  const file = join(home, 'sessions', `${id}.json`);
  if (known !== undefined && !existsSync(file)) {
    const errors = [`No conversation found with session ID: ${known}`];
    print({ type: 'result', subtype: 'error_during_execution', is_error: true, errors, session_id: 'new' });
    return 1;
  }
  const before = known === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Session).prompts;
  const prompts = [...before, prompt];
  mkdirSync(join(home, 'sessions'), { recursive: true });
  writeFileSync(file, JSON.stringify({ prompts } satisfies Session));

  print({ type: 'system', subtype: 'init', session_id: id });
  const mayGoOn = /## Answers/.test(prompts.join('\n')) || /What happened so far/.test(prompt);
  say(id, `Turn ${prompts.length} of this conversation.`);
  if (mayGoOn) {
    const input = { file_path: 'colour.txt' };
    print({
      type: 'assistant',
      session_id: id,
      message: { content: [{ type: 'tool_use', id: 't', name: 'Write', input }] },
    });
    writeFileSync('colour.txt', 'blue\n');
    print({
      type: 'user',
      session_id: id,
      message: { content: [{ type: 'tool_result', tool_use_id: 't' }] },
    });
  }
  const questions = [{ id: 'q1', question: 'Which colour?', options: ['red', 'blue'] }];
  print({
    type: 'result',
    subtype: 'success',
    is_error: false,
    session_id: id,
    result: mayGoOn ? 'Painted.' : 'I need to know.',
    structured_output: mayGoOn
      ? { status: 'done', summary: 'painted it' }
      : { status: 'questions', questions },
    total_cost_usd: TURN.usd * prompts.length,
    modelUsage: {
      'stub-model': {
        inputTokens: (TURN.input - TURN.cached) * prompts.length,
        cacheReadInputTokens: TURN.cached * prompts.length,
        outputTokens: TURN.output * prompts.length,
      },
    },
  });
  return 0;
}

function say(id: string, words: string): void {
  print({ type: 'assistant', session_id: id, message: { content: [{ type: 'text', text: words }] } });
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), process.env['CLAUDE_CONFIG_DIR'] ?? '');
}
