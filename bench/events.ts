import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Section, table } from './stats.ts';

type Mode = 'raw' | 'trpc';
type Times = readonly (readonly [number, number])[];
interface Seen {
  readonly events: number;
  readonly missed: number;
  readonly doubled: number;
  readonly cuts: number;
  readonly lowest: number;
  readonly arrived: Times;
}
interface Used {
  readonly cpuMs: number;
  readonly rssMb: number;
}

const CLIENTS = 50;
const CLIENT_PROCESSES = 2;

/**
 * Events from the commit of one process to the clients of another, over a real socket and a real SQLite file: a
 * process that writes, one that serves, and two with the clients.
 */
export async function benchEvents(): Promise<Section> {
  const rows: string[][] = [];
  const load = loadNow();
  for (const mode of ['raw', 'trpc'] as const) {
    rows.push(await measure(mode, { name: 'one client', clients: 1, perSecond: 50, seconds: 15 }));
    rows.push(await measure(mode, { name: 'at rest', clients: CLIENTS, perSecond: 0, seconds: 10 }));
    rows.push(
      await measure(mode, {
        name: 'full',
        clients: CLIENTS,
        perSecond: 10_000,
        seconds: mode === 'raw' ? 30 : 15,
      }),
    );
  }
  rows.push(
    await measure('raw', {
      ...{ name: 'full, each cut about every second', clients: CLIENTS, perSecond: 10_000, seconds: 15 },
      cutEveryMs: 1_000,
    }),
  );
  const head = [
    ...['stream', 'scene', 'clients', 'events/s', 'p50 ms', 'p99 ms', 'CPU of the server'],
    ...['memory at first, MB', 'in the end, MB', 'cuts', 'missed', 'doubled'],
  ];
  return {
    title: 'Events from a commit to clients in other processes',
    text: `One process commits to a SQLite file, another one follows it and serves clients on a unix socket. The time is from the return of a commit to the parsed event (raw) or its frame (tRPC) in a client. Aim: p99 at most 20 ms; ${CLIENTS} clients at 10,000 events/s with bounded memory; nothing missed or doubled. Other programs were at work, too: the load average was ${load} at the start and ${loadNow()} in the end.\n\n${table(head, rows)}`,
  };
}

/** How many programs want a core. */
function loadNow(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

interface Scene {
  readonly name: string;
  readonly clients: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly cutEveryMs?: number;
}

async function measure(mode: Mode, scene: Scene): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-bench-events-'));
  const [url, socket] = [`sqlite:${join(dir, 'state.db')}`, join(dir, 's')];
  const children: ChildProcess[] = [];
  const start = async (file: string, ...args: string[]) => {
    const child = fork(join(import.meta.dirname, file), args, { execArgv: ['--expose-gc'] });
    children.push(child);
    await once(child, 'message');
    return child;
  };
  try {
    const writer = await start('events-writer.ts', url, dir);
    const server = await start('events-server.ts', url, dir, socket, mode);
    const processes = Math.min(CLIENT_PROCESSES, scene.clients);
    const clients = await Promise.all(
      Array.from({ length: processes }, () =>
        start('events-clients.ts', socket, mode, String(scene.clients / processes)),
      ),
    );
    await ask(writer, { perSecond: 10, seconds: 1 });
    if (scene.cutEveryMs !== undefined)
      for (const each of clients) each.send({ cutEveryMs: scene.cutEveryMs });
    const before = await ask<Used>(server, {});
    const from = performance.now();
    const done =
      scene.perSecond === 0
        ? pause(scene.seconds * 1_000).then(() => ({ written: [] as Times, tookMs: scene.seconds * 1_000 }))
        : ask<{ written: Times; tookMs: number }>(writer, scene);
    await pause(3_000);
    const early = await ask<Used>(server, {});
    const { written, tookMs } = await done;
    const after = await ask<Used>(server, {});
    const wallMs = performance.now() - from;
    const last = written.at(-1)?.[0] ?? 0;
    const seen = await arrivedAll(clients, last);
    const late = latencies(written, seen[0]?.arrived ?? []);
    const sum = (key: 'missed' | 'doubled' | 'cuts') => String(seen.reduce((all, one) => all + one[key], 0));
    const rate = scene.perSecond === 0 ? 0 : (scene.perSecond * scene.seconds * 1_000) / tookMs;
    return [
      ...[mode, scene.name, String(scene.clients), rate.toFixed(0)],
      ...[at(late, 0.5), at(late, 0.99), `${(((after.cpuMs - before.cpuMs) / wallMs) * 100).toFixed(1)} %`],
      ...[early.rssMb.toFixed(0), after.rssMb.toFixed(0), sum('cuts'), sum('missed'), sum('doubled')],
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ask<T>(child: ChildProcess, question: object): Promise<T> {
  child.send(question);
  const [answer] = await once(child, 'message');
  return answer as T;
}

/** What the clients saw, once all have everything; what they do not get within a minute counts as missed. */
async function arrivedAll(clients: readonly ChildProcess[], last: number): Promise<readonly Seen[]> {
  for (let round = 0; ; round += 1) {
    const seen = await Promise.all(clients.map((each) => ask<Seen>(each, {})));
    const lowest = Math.min(...seen.map((one) => one.lowest));
    if (lowest >= last) return seen;
    if (round === 120) return seen.map((one) => ({ ...one, missed: one.missed + last - lowest }));
    await pause(500);
  }
}

/** Of every commit: how long after its return the first client had its last event, ms, rising. */
function latencies(written: Times, arrived: Times): readonly number[] {
  let next = 0;
  return written
    .flatMap(([seq, committedAt]) => {
      while (next < arrived.length && (arrived[next]?.[0] ?? 0) < seq) next += 1;
      const cameAt = arrived[next]?.[1];
      return cameAt === undefined ? [] : [cameAt - committedAt];
    })
    .toSorted((a, b) => a - b);
}

function at(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '-' : value.toFixed(1);
}
