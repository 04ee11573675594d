import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rig, task } from '../test/engine/rig.ts';
import { did } from '../test/support/fake-backend.ts';
import { type Dag, makeDag, SHAPES } from './dag.ts';
import { make, ninja, type Peer, timePeer, wireit } from './peers.ts';
import { median, type Section, table } from './stats.ts';

const SIZES = [100, 1_000] as const;
const ROUNDS = 5;
/** wireit takes many seconds for 1,000 tasks. */
const SLOW_ROUNDS = 2;
const PEERS: readonly Peer[] = [ninja, make, wireit];

/**
 * Engine overhead of a no-op task: the real dispatcher, attempts, merge queue and SQLite store with
 * `synchronous=FULL`, a fake agent inside the process and a repository in memory, two agents. Beside it, in turns,
 * build tools that run `true` for each task with two jobs.
 */
export async function benchEngine(): Promise<Section> {
  const rows: string[][] = [];
  for (const size of SIZES) {
    for (const shape of SHAPES) {
      const dag = makeDag(shape, size);
      const own: number[] = [];
      const peers = new Map(PEERS.map((peer) => [peer.name, [] as number[]]));
      for (let round = 0; round < ROUNDS; round += 1) {
        own.push((await timeEngine(dag)) / size);
        for (const peer of PEERS) {
          if (peer === wireit && round >= SLOW_ROUNDS) continue;
          peers.get(peer.name)?.push((await timePeerOnce(peer, dag)) / size);
        }
      }
      const ours = median(own);
      const theirs = PEERS.map((peer) => median(peers.get(peer.name) ?? []));
      const [ratio, , toWireit] = theirs.map((their) => ours / their);
      rows.push([
        shape,
        String(size),
        ours.toFixed(2),
        ...theirs.map((their) => their.toFixed(2)),
        `${ratio?.toFixed(2)}`,
        `${toWireit?.toFixed(2)}`,
      ]);
    }
  }
  const head = [
    'shape',
    'tasks',
    'cw ms/task',
    ...PEERS.map(({ name }) => `${name} ms/task`),
    'cw / ninja',
    'cw / wireit',
  ];
  const text = `No-op tasks, medians of ${ROUNDS} rounds in turns (wireit ${SLOW_ROUNDS}); aim: at most 1.5 × ninja, below 1 × wireit.\n\n${table(head, rows)}`;
  return { title: '(a) Engine overhead per no-op task', text };
}

async function timeEngine(dag: Dag): Promise<number> {
  const tasks = dag.needs.map((needs, index) =>
    task(`t${index}`, { needs: needs.map((need) => `t${need}`) }),
  );
  await using rig = await Rig.open({
    tasks,
    agent: () => did('nothing to do'),
    maxAgents: 2,
    sessions: false,
  });
  const begin = performance.now();
  const end = await rig.run();
  const took = performance.now() - begin;
  const { byState } = await rig.store.counts();
  if (end.kind !== 'finished' || byState.done !== tasks.length)
    throw new Error(`Not all done: ${JSON.stringify(byState)}`);
  return took;
}

async function timePeerOnce(peer: Peer, dag: Dag): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-bench-'));
  try {
    return timePeer(peer, dag, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
