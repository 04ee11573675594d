import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { processTable } from '../src/adapters/process/process-table.ts';
import { addDescendants } from '../src/adapters/process/tree.ts';
import { type Experiment, rounds } from './experiment.ts';
import type { TreeOrder } from './guarded-trees.ts';
import { HARNESS } from './trees.ts';

const CHILDREN = 10_000;
const AGENTS = 4;
/** What ended may wait to be collected so long, ms. */
const SETTLE_MS = 3_000;
/** Each turn leaves a child whose parent has gone before it. */
const LEAVE_BEHIND = 'i=0; while [ $i -lt "$0" ]; do (: & ) ; i=$((i+1)); done';

export const zombies: Experiment = {
  about: 'Agents that leave short-lived children behind, each without a parent, below the guardian.',
  async run({ scale }) {
    const children = rounds(CHILDREN, scale);
    const { peak, left } = await countZombies(children);
    const found = `${left} zombies ${SETTLE_MS / 1_000} s after the last (at most ${peak} meanwhile)`;
    return [{ what: `${children} double-forked children`, aim: '0 zombies', found, met: left === 0 }];
  },
};

/** How many ended and uncollected processes the family had at most, and at the end. */
export async function countZombies(children: number): Promise<{ peak: number; left: number }> {
  const order: TreeOrder = {
    role: 'guardian',
    orchestrator: `orc_chaos_${process.pid}`,
    directory: '/',
    trees: AGENTS,
    confined: false,
    command: ['sh', '-c', LEAVE_BEHIND, String(Math.ceil(children / AGENTS))],
  };
  const guardian = spawn(process.execPath, [HARNESS, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const closed = once(guardian, 'close');
  try {
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, zombiesBelow(guardian.pid ?? 0));
    }, 50);
    for await (const line of createInterface({ input: guardian.stdout })) if (line.includes('"exits"')) break;
    for (const end = performance.now() + SETTLE_MS; performance.now() < end; await pause(50)) {
      if (zombiesBelow(guardian.pid ?? 0) === 0) break;
    }
    clearInterval(watch);
    return { peak, left: zombiesBelow(guardian.pid ?? 0) };
  } finally {
    guardian.kill('SIGKILL');
    await closed;
  }
}

function zombiesBelow(pid: number): number {
  const rows = processTable().rows();
  const family = new Map(rows.filter((row) => row.pid === pid).map((row) => [row.pid, row]));
  addDescendants(family, rows);
  return [...family.values()].filter(({ zombie }) => zombie).length;
}
