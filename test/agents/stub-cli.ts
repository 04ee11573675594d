import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/**
 * Stands in for an agent CLI: reads its prompt, plays a recorded run and ends as told. The first argument says what to
 * do, as JSON; what follows are the arguments that the adapter made.
 */
const part = z.strictObject({
  /** File to print on standard output. */
  play: z.string().optional(),
  /** Print only that many bytes of it. */
  bytes: z.int().optional(),
  stderr: z.string().optional(),
  /** Where to write down arguments, prompt and environment. */
  log: z.string().optional(),
  /** Leave a program running, in a session of its own, that holds the output open; its pid goes to this file. */
  leave: z.string().optional(),
  /** Say nothing more, for ever. */
  hang: z.boolean().default(false),
  exit: z.union([z.int(), z.string()]).default(0),
});
export type StubPart = z.input<typeof part>;

if (import.meta.main) {
  const { play, bytes, stderr, log, leave, hang, exit } = part.parse(JSON.parse(process.argv[2] ?? '{}'));
  const prompt = await text(process.stdin);
  if (log !== undefined) {
    writeFileSync(log, JSON.stringify({ args: process.argv.slice(3), prompt, env: process.env }));
  }
  if (leave !== undefined) {
    const child = spawn('sleep', ['300'], { detached: true, stdio: 'inherit' });
    writeFileSync(leave, String(child.pid));
    child.unref();
  }
  if (stderr !== undefined) await written(process.stderr, stderr);
  if (play !== undefined) await written(process.stdout, readFileSync(play).subarray(0, bytes));
  if (hang) setInterval(() => {}, 60_000);
  else if (typeof exit === 'number') process.exit(exit);
  else process.kill(process.pid, exit);
}

function written(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(data, () => resolve()));
}
