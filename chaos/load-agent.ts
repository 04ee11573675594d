// A `command` agent that takes as much of one thing as it can. It limits itself too, in amount and in time, so that a
// machine survives even when nobody stops it. It is started by `cw`, never imported for its effects.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const MiB = 1_048_576;
/** Nobody needs longer: whatever is still there then ends by itself. */
const LIFE_MS = 60_000;
/** The most that each may take when no limit of ours works. */
const MOST = { outputMiB: 2_048, diskMiB: 2_048, memoryMiB: 3_072 };
/** Two processes for each of 2^9 - 1 nodes of a tree: 1,022 in all. */
const FORK_DEPTH = 8;

/** `work` is an ordinary task of so many milliseconds; the others take mebibytes, `fork` nothing; `all` forks, fills the disk and prints at once. */
const ACTS: Readonly<Record<string, (amount: number) => Promise<void>>> = {
  async flood(mebibytes) {
    const lines = Buffer.from(`${'x'.repeat(1_023)}\n`.repeat(64));
    for (let left = Math.min(mebibytes, MOST.outputMiB) * 16; left > 0; left -= 1) await print(lines);
  },
  async line(mebibytes) {
    const piece = Buffer.alloc(MiB, 'x');
    for (let left = Math.min(mebibytes, MOST.outputMiB); left > 0; left -= 1) await print(piece);
    await print('\n');
  },
  async disk(mebibytes) {
    const file = openSync('much.bin', 'w');
    const piece = Buffer.alloc(MiB, 'x');
    for (let left = Math.min(mebibytes, MOST.diskMiB); left > 0; left -= 1) {
      writeSync(file, piece);
      await pause(1);
    }
  },
  async memory(mebibytes) {
    const kept: Buffer[] = [];
    for (let left = Math.min(mebibytes, MOST.memoryMiB) / 16; left > 0; left -= 1) {
      kept.push(Buffer.alloc(16 * MiB, 1));
      await pause(5);
    }
    await pause(LIFE_MS);
  },
  async fork() {
    const bomb = `f() { if [ $1 -gt 0 ]; then f $(($1-1)) & f $(($1-1)) & fi; sleep ${LIFE_MS / 1_000}; }; f ${FORK_DEPTH}`;
    await once(spawn('sh', ['-c', bomb], { stdio: 'ignore' }), 'exit');
  },
  async all(mebibytes) {
    await Promise.all([ACTS['fork']?.(0), ACTS['disk']?.(mebibytes), ACTS['flood']?.(mebibytes)]);
  },
  async work(milliseconds) {
    const busyUntil = performance.now() + milliseconds / 4;
    while (performance.now() < busyUntil);
    await pause((milliseconds * 3) / 4);
    writeFileSync(`${process.env['CW_TASK_ID']}.txt`, 'done\n');
  },
};

async function print(text: string | Buffer): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setTimeout(() => process.exit(1), LIFE_MS).unref();
  const [act = '', amount] = process.argv.slice(2);
  await ACTS[act]?.(Number(amount));
  await print(`${JSON.stringify({ status: 'done', summary: act })}\n`);
}
