import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProcessLauncher } from '../src/adapters/process/launcher.ts';
import { PATH_ENV, ROOMY } from '../test/agents/launch.ts';
import { RECORDED } from '../test/agents/recorded.ts';
import { type CliName, recording, understand } from '../test/agents/replay.ts';
import { makeProject } from '../test/e2e/project.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { sizeOf, watchedRun } from './watched-run.ts';

const MiB = 1_048_576;
const AGENT = join(import.meta.dirname, 'load-agent.ts');
const CLIS = Object.keys(RECORDED) as CliName[];
/** Bytes that mean something to a reader: line ends, JSON, halves of characters. */
const TELLING = [0x00, 0x0a, 0x0d, 0x22, 0x5c, 0x7b, 0x7d, 0xc3, 0xed, 0xff];

/** Too much output, too long lines, and output that is damaged. */
export const output: Experiment = {
  about:
    'An agent of the shipped program prints a gigabyte; the launcher reads one line of 100 MiB; recorded output of Claude Code, Codex and Goose is damaged at random bytes and read by its adapter.',
  async run({ seed, scale, note }) {
    return [
      ...(await flood(rounds(1_024, scale), note)),
      await longLine(rounds(100, scale)),
      ...(await damaged(rounds(1_000, scale), seed)),
    ];
  },
};

async function flood(mebibytes: number, note: (line: string) => void): Promise<Finding[]> {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'loud', prompt: 'x', agent: 'loud', max_attempts: 1 }] },
    config: {
      providers: {
        loud: { type: 'command', command: process.execPath, args: [AGENT, 'flood', String(mebibytes)] },
      },
      // Its summary is work enough: it changes no file.
      agents: { loud: { provider: 'loud' } },
      limits: { outputBytes: 2 * 1_024 * MiB },
    },
  });
  const run = await watchedRun(project);
  const { loud } = await project.tasks();
  const logs = sizeOf(join(project.repo.root, '.codewalk', 'state', 'logs'));
  const rise = run.rssPeak - run.rssBefore;
  const what = `${mebibytes} MiB of output from one agent`;
  note(`${what}: ${run.seconds.toFixed(1)} s`);
  return [
    {
      what,
      aim: 'task done',
      found: `${loud?.state ?? 'unknown'} in ${run.seconds.toFixed(1)} s`,
      met: loud?.state === 'done',
    },
    {
      what: `${what}: memory of the orchestrator`,
      aim: 'rises by less than 64 MiB',
      found: `${inMiB(run.rssBefore)} → ${inMiB(run.rssPeak)} MiB`,
      met: rise < 64 * MiB,
    },
    late(`${what}: event loop of the orchestrator`, run.loopP99Ms, run.loopMaxMs),
    {
      what: `${what}: log files`,
      aim: 'at most 130 MiB on disk',
      found: `${inMiB(logs)} MiB`,
      met: logs <= 130 * MiB,
    },
  ];
}

async function longLine(mebibytes: number): Promise<Finding> {
  const startedAt = performance.now();
  const launcher = new ProcessLauncher({ orchestrator: 'orc_chaos' });
  await using running = await launcher.start({
    command: process.execPath,
    args: [AGENT, 'line', String(mebibytes)],
    cwd: '/',
    env: PATH_ENV,
    limits: ROOMY,
    signal: new AbortController().signal,
  });
  const lines: number[] = [];
  for await (const line of running.lines()) lines.push(line.text.length);
  const exit = await running.exit;
  const ms = performance.now() - startedAt;
  const kept = lines[0] ?? 0;
  return {
    what: `one line of ${mebibytes} MiB`,
    aim: 'read in 2 s, cut at limits.lineBytes',
    found: `${Math.round(ms)} ms with the start of the agent, ${inMiB(kept)} MiB of it kept`,
    met: ms < 2_000 && kept === Math.min(mebibytes * MiB, ROOMY.lineBytes) && exit.kind === 'exited',
  };
}

async function damaged(streams: number, seed: number): Promise<Finding[]> {
  const random = generator(seed);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let thrown = 0;
  let unfinished = 0;
  for (let round = 0; round < streams; round += 1) {
    const cli = CLIS[round % CLIS.length] as CliName;
    const rows = RECORDED[cli];
    const [name, exit] = rows[random(rows.length)] as (typeof rows)[number];
    const recorded = recording(cli, name, exit);
    try {
      const events = understand(cli, { ...recorded, stdout: damage(recorded.stdout, random) });
      if (events.filter(({ type }) => type === 'outcome').length !== 1) unfinished += 1;
    } catch {
      thrown += 1;
    }
    await nextTurn();
  }
  delay.disable();
  const what = `${streams} damaged streams`;
  return [
    {
      what,
      aim: '0 throws, 1 outcome each',
      found: `${thrown} throws, ${unfinished} without one outcome`,
      met: thrown + unfinished === 0,
    },
    late(`${what}: event loop meanwhile`, delay.percentile(99) / 1e6, delay.max / 1e6),
  ];
}

/** Up to 20 bytes replaced, and the end cut off somewhere in every second stream. */
function damage(stdout: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = Buffer.from(stdout);
  if (bytes.length === 0) return bytes;
  for (let times = 1 + random(20); times > 0; times -= 1) {
    bytes[random(bytes.length)] = TELLING[random(TELLING.length + 1)] ?? random(256);
  }
  return random(2) === 0 ? bytes : bytes.subarray(0, random(bytes.length + 1));
}

/** Numbers from 0 up to, but not including, `below`; the same ones for the same seed (Lehmer's generator). */
function generator(seed: number): (below: number) => number {
  let state = (Math.abs(seed) % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function late(what: string, p99Ms: number, maxMs: number): Finding {
  return {
    what,
    aim: 'p99 under 50 ms late',
    found: `p99 ${p99Ms.toFixed(1)} ms, at most ${maxMs.toFixed(1)} ms`,
    met: p99Ms < 50,
  };
}

function inMiB(bytes: number): number {
  return Math.round(bytes / MiB);
}
