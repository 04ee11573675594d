// A `command` agent that writes one numbered file after the other until it is stopped, and notes each in a ledger
// outside of the worktree once it is whole. It is started by `cw`, never imported for its effects.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** How an agent goes about its work. */
export const MANNERS = ['plain', 'commits', 'detached', 'nested', 'stubborn', 'tidies'] as const;
export type Manner = (typeof MANNERS)[number];

/** Where the ledgers are. */
export const LEDGERS = 'CW_CHAOS_LEDGERS';

const LIFE_MS = 60_000;
const FILES_A_COMMIT = 9;

/** The name under which git would keep these bytes; see gitformat-loose(5), "object format". */
export function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

async function main(): Promise<void> {
  const prompt = await text(process.stdin);
  const manner = MANNERS.find((each) => prompt.includes(`manner: ${each}.`)) ?? 'plain';
  const quiet = prompt.includes('quietly');
  const task = process.env['CW_TASK_ID'] ?? '';
  const ledger = join(process.env[LEDGERS] ?? '', task);
  if (manner === 'stubborn') process.on('SIGTERM', () => {});
  if (manner === 'tidies') process.on('SIGTERM', tidyAndEnd);
  if (manner === 'detached') git('checkout', '-q', '--detach');
  const directory = manner === 'nested' ? 'inside' : 'work';
  mkdirSync(directory, { recursive: true });
  if (manner === 'nested') execFileSync('git', ['init', '-q'], { cwd: directory });
  console.log('begun');
  const until = Date.now() + LIFE_MS;
  const whole = new Map<number, string>();
  for (let n = 0; Date.now() < until; n += 1) {
    // Now and then an earlier file again: what it held before is not missed by anybody.
    const file = n % 7 === 6 ? n - 3 : n;
    const before = whole.get(file);
    if (before !== undefined) appendFileSync(ledger, `- ${before} 0\n`);
    const bytes = Buffer.from(`${task} ${n}\n${'line of work\n'.repeat((n * 37) % 400)}`);
    writeFileSync(join(directory, `${file}.txt`), bytes);
    whole.set(file, blobId(bytes));
    appendFileSync(ledger, `+ ${blobId(bytes)} ${bytes.length}\n`);
    if ((manner === 'commits' || manner === 'detached') && n % FILES_A_COMMIT === 8) {
      git('add', '-A');
      git('commit', '-q', '-m', `Up to ${n}`);
    }
    if (!quiet && n % 20 === 0) console.log(`at ${n}`);
    await pause(1);
  }
}

function tidyAndEnd(): never {
  for (const name of readdirSync('.')) if (name !== '.git') rmSync(name, { recursive: true, force: true });
  process.exit(0);
}

function git(...args: readonly string[]): void {
  try {
    execFileSync('git', [...args], { stdio: 'ignore' });
  } catch {
    // Stopped in the middle, or in the way of somebody who stops it.
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
