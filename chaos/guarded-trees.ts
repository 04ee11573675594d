// The guardian and an orchestrator with nothing but agents, made of the program's own parts. Started by `trees.ts`.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../src/adapters/process/find-on-path.ts';
import { ProcessLauncher } from '../src/adapters/process/launcher.ts';
import { findAvailability } from '../src/adapters/sandbox/availability.ts';
import { BubblewrapConfiner } from '../src/adapters/sandbox/confiner.ts';
import type { Confinement } from '../src/core/agents/ports.ts';
import { followGuardian, guard } from '../src/main/guardian.ts';

const ROOT = join(import.meta.dirname, '..');
const UNLIMITED = {
  firstOutputMs: 0,
  silenceMs: 0,
  totalMs: 0,
  lineBytes: 65_536,
  outputBytes: Number.POSITIVE_INFINITY,
  diskBytes: 0,
  memoryBytes: 0,
  processes: 0,
  graceMs: 1_000,
};

/** What the guarded orchestrator does: it starts `command` so many times. */
export interface TreeOrder {
  readonly role: 'guardian' | 'orchestrator';
  readonly orchestrator: string;
  readonly directory: string;
  readonly trees: number;
  readonly confined: boolean;
  readonly command: readonly string[];
}

const order = JSON.parse(process.argv[2] ?? '{}') as TreeOrder;
if (order.role === 'guardian') await beGuardian();
else await beOrchestrator();

async function beGuardian(): Promise<void> {
  const orders = JSON.stringify({ ...order, role: 'orchestrator' });
  await guard({
    start: () =>
      spawn(process.execPath, [import.meta.filename, orders], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    restart: false,
    lastWord: 'ends',
  });
}

async function beOrchestrator(): Promise<void> {
  followGuardian();
  process.channel?.unref();
  const { orchestrator, directory, trees, confined, command } = order;
  const env = { PATH: process.env['PATH'] ?? '' };
  const bwrap = findOnPath('bwrap', env);
  const available = confined ? await findAvailability(bwrap) : undefined;
  const launcher = new ProcessLauncher({
    orchestrator,
    ...(available === undefined ? {} : { confiner: new BubblewrapConfiner(async () => available) }),
  });
  console.log(JSON.stringify({ orchestrator: process.pid, guardian: process.ppid }));
  const runs = Array.from({ length: trees }, async (_, index) => {
    const [program = '', ...args] = command;
    const running = await launcher.start({
      command: program,
      args,
      cwd: directory,
      env,
      signal: new AbortController().signal,
      limits: UNLIMITED,
      ...(confined ? { confinement: confinement(directory, index) } : {}),
    });
    console.log(JSON.stringify({ started: running.identity }));
    for await (const { text } of running.lines()) console.error(text);
    return await running.exit;
  });
  console.log(JSON.stringify({ exits: await Promise.all(runs) }));
  // Stays for a look, until it is killed.
  setInterval(() => {}, 60_000);
}

function confinement(directory: string, index: number): Confinement {
  const own = (name: string): string => {
    const path = join(directory, `${name}-${index}`);
    mkdirSync(path);
    return path;
  };
  return {
    mode: 'workspace',
    network: true,
    hidden: [],
    readable: [ROOT],
    writable: [directory],
    mounts: [],
    home: own('home'),
    tmp: own('tmp'),
  };
}
