import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventHash, GENESIS } from '../src/adapters/store/chain.ts';
import { findLoss } from '../src/adapters/store/lost-events.ts';
import { type OpenDatabase, openDatabase, openStore } from '../src/adapters/store/open.ts';
import { verifyLog } from '../src/adapters/store/verify-log.ts';
import { type Damage, doDamage, FILE_DAMAGES, WAL_DAMAGES } from '../test/contracts/store-damage.ts';
import { planOf, SOURCE } from '../test/contracts/store-kit.ts';
import { type E2eProject, makeProject, UNCONFINED } from '../test/e2e/project.ts';
import type { Action } from '../test/e2e/scripted-agent.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { findStrace } from './syscalls.ts';

const FULL_DISK = join(import.meta.dirname, '..', 'test', 'e2e', 'full-disk-body.ts');
const PROGRAM = join(import.meta.dirname, '..', 'dist', 'cw.mjs');
const IDS = ['one', 'two', 'three', 'four', 'five', 'six'];
const WORKER = join(import.meta.dirname, '..', 'test', 'contracts', 'store-worker.ts');
/** What a person is told when the state is not what it was. */
const NAMED =
  /(events? (is|are) missing from|is damaged|is not the one that was written).*|codewalk\.db.*damaged/;

/** Damage to the files of the state, a full disk, a failing disk, and writers that are killed. */
export const storage: Experiment = {
  about:
    'The files of a state are damaged in eight ways, its disk is filled and made to fail under the shipped program; each event of a log is tampered with; writers are killed while they write.',
  async run({ seed, scale, note }) {
    const findings: Finding[] = [];
    for (const damage of [...WAL_DAMAGES, ...FILE_DAMAGES]) {
      findings.push(await damaged(damage));
      note(damage);
    }
    findings.push(fullDisk(), await failingDisk(note));
    note('full and failing disk');
    findings.push(...(await tampering({ events: rounds(10_000, scale), tries: rounds(400, scale), seed })));
    note('log');
    findings.push(await writersKilled(rounds(60, scale), seed));
    return findings;
  },
};

const turn = (id: string): readonly Action[] => [
  { write: `${id}.txt`, text: `${id}\n` },
  { result: { status: 'done', summary: id } },
];

/** A project of the shipped program, whose orchestrator was killed at work or came to its end. */
async function ranProject(end: 'killed' | 'clean'): Promise<{ project: E2eProject; file: string }> {
  const script: Record<string, readonly (readonly Action[])[]> = Object.fromEntries(
    IDS.map((id) => [id, [turn(id)]]),
  );
  if (end === 'killed') script['last'] = [[{ print: 'ready' }, { hang: true }]];
  const ids = end === 'killed' ? [...IDS, 'last'] : IDS;
  const project = await makeProject({
    roadmap: { version: 1, tasks: ids.map((id) => ({ id, prompt: `Do ${id}.` })) },
    script,
    config: { ...UNCONFINED, maxAgents: 1 },
  });
  await using running = await project.start(['run', '--json', '--no-restart']);
  if (end === 'killed') {
    await running.line((line) => line.includes('"type":"agent.output"') && line.includes('ready'));
    // Once more, for those that were started meanwhile.
    for (let left = project.processes(); left.length > 0; left = project.processes()) left.forEach(kill);
  }
  await running.end;
  return { project, file: join(project.repo.root, '.codewalk', 'state', 'codewalk.db') };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

async function damaged(damage: Damage): Promise<Finding> {
  const { project, file } = await ranProject(WAL_DAMAGES.includes(damage) ? 'killed' : 'clean');
  await using _ = project;
  doDamage(file, damage);
  const verified = await project.cw(['db', 'verify']);
  const opened = await project.cw(['run', '--plain']);
  const told = NAMED.exec(opened.stderr)?.[0] ?? NAMED.exec(verified.stdout)?.[0];
  return {
    what: `${damage}, then cw db verify and cw run`,
    aim: 'both refuse it and say what is wrong',
    found: `exit ${verified.code} and ${opened.code}: ${told?.replaceAll(project.repo.root, '…') ?? 'nothing named'}`,
    met: verified.code === 1 && opened.code === 1 && told !== undefined,
  };
}

function fullDisk(): Finding {
  const flags = [['--mount'], ['--user', '--map-root-user', '--mount']];
  const way = flags.find((each) => spawnSync('unshare', [...each, 'true']).status === 0) ?? [];
  const { stdout, status, stderr } = spawnSync('unshare', [...way, process.execPath, FULL_DISK], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const report = status === 0 ? (JSON.parse(stdout) as Record<string, never>) : undefined;
  const states = JSON.stringify(report?.['states'] ?? stderr.slice(-200));
  return {
    what: 'a disk of 4 MB filled during a run',
    aim: 'named, work given back, a cancel taken, the rest done when there is space',
    found: `${report?.['full'] === undefined ? 'not named' : 'named'}; ${states}; cw db verify exits ${report?.['verify']}`,
    met: report?.['verify'] === 0 && states === '{"one":"done","two":"done","three":"cancelled"}',
  };
}

/** The commits of the state fail with EIO for a while, under the shipped program. */
async function failingDisk(note: (line: string) => void): Promise<Finding> {
  const what = 'EIO from 5 flushes of the log of commits during a run';
  const aim = 'the run goes on with a new handle, all is done once, and cw db verify finds it whole';
  const strace = findStrace(note);
  if (strace === undefined) return { what, aim, found: 'strace cannot be installed', met: false };
  await using project = await makeProject({
    roadmap: { version: 1, tasks: IDS.map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: Object.fromEntries(IDS.map((id) => [id, [turn(id)]])),
    config: { ...UNCONFINED, maxAgents: 1 },
  });
  const log = join(project.directory, 'flushes');
  const wal = join(project.repo.root, '.codewalk', 'state', 'codewalk.db-wal');
  const faults = 'inject=fsync,fdatasync:error=EIO:when=12..16';
  const child = spawn(
    strace,
    [
      '-f',
      '-qq',
      '-o',
      log,
      '-P',
      wal,
      '-e',
      'trace=fsync,fdatasync',
      '-e',
      faults,
      process.execPath,
      PROGRAM,
      'run',
      '--json',
      '--no-restart',
    ],
    {
      cwd: project.repo.root,
      env: { PATH: process.env['PATH'], HOME: project.home, LANG: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  child.stderr.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  const injected = readFileSync(log, 'utf8').split('INJECTED').length - 1;
  const tasks = Object.values(await project.tasks());
  const { code: verified } = await project.cw(['db', 'verify']);
  const done = tasks.filter(({ state }) => state === 'done').length;
  const merges = project.repo
    .git('log', '--oneline', '--merges', 'cw/integration')
    .split('\n')
    .filter(Boolean).length;
  return {
    what,
    aim,
    found: `${injected} failed; exit ${code}, ${done} of ${IDS.length} done, ${merges} merges, cw db verify exits ${verified}`,
    met: injected > 0 && code === 0 && done === IDS.length && merges === IDS.length && verified === 0,
  };
}

export async function tampering({
  events,
  tries,
  seed,
}: {
  events: number;
  tries: number;
  seed: number;
}): Promise<Finding[]> {
  const directory = mkdtempSync(join(tmpdir(), 'cw-chaos-log-'));
  try {
    const place = {
      url: `sqlite:${join(directory, 'codewalk.db')}`,
      project: 'p',
      stateDirectory: directory,
    };
    const opened = await openDatabase(place);
    try {
      await fillLog(opened, events);
      return await tamper(opened, { events, tries, random: generator(seed) });
    } finally {
      await opened.engine[Symbol.asyncDispose]();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fillLog({ engine, headFile }: OpenDatabase, events: number): Promise<void> {
  let hash = GENESIS;
  const rows = Array.from({ length: events }, (_, index) => {
    const task = `t${index % 100}`;
    const body = JSON.stringify({ type: 'task.done', task, attempt: 1, summary: `event ${index + 1}` });
    const row = { seq: index + 1, at: 1_000 + index, type: 'task.done', task, body };
    hash = eventHash(hash, row);
    return { project_id: 'p', ...row, hash };
  });
  await engine.db.transaction().execute(async (tx) => {
    for (let from = 0; from < events; from += 500) {
      await tx
        .insertInto('events')
        .values(rows.slice(from, from + 500))
        .execute();
    }
    await tx.updateTable('stream').set({ head: events }).execute();
  });
  headFile?.replace({ seq: events, hash });
}

/** The columns of one event in turn, and what is done to the log as a whole. */
const TAMPERING: readonly ((db: OpenDatabase['engine']['db'], seq: number) => Promise<number>)[] = [
  async (db, seq) => {
    await db.updateTable('events').set({ body: '{"type":"task.done"}' }).where('seq', '=', seq).execute();
    return seq;
  },
  async (db, seq) => {
    await db.updateTable('events').set({ at: 1 }).where('seq', '=', seq).execute();
    return seq;
  },
  async (db, seq) => {
    await db.updateTable('events').set({ type: 'task.failed' }).where('seq', '=', seq).execute();
    return seq;
  },
  async (db, seq) => {
    await db.updateTable('events').set({ task: 'other' }).where('seq', '=', seq).execute();
    return seq;
  },
  async (db, seq) => {
    await db
      .updateTable('events')
      .set({ hash: 'f'.repeat(64) })
      .where('seq', '=', seq)
      .execute();
    return seq;
  },
  async (db, seq) => {
    await db.deleteFrom('events').where('seq', '=', seq).execute();
    return seq;
  },
  async (db, seq) => {
    await db.updateTable('events').set({ seq: -1 }).where('seq', '=', seq).execute();
    await db
      .updateTable('events')
      .set({ seq })
      .where('seq', '=', seq + 1)
      .execute();
    await db
      .updateTable('events')
      .set({ seq: seq + 1 })
      .where('seq', '=', -1)
      .execute();
    return seq;
  },
  async (db, seq) => {
    await db.deleteFrom('events').where('seq', '>', seq).execute();
    await db.updateTable('stream').set({ head: seq }).execute();
    return seq + 1;
  },
];

class Undone extends Error {}

async function tamper(
  opened: OpenDatabase,
  { events, tries, random }: { events: number; tries: number; random: (below: number) => number },
): Promise<Finding[]> {
  let [named, longest] = [0, 0];
  for (let round = 0; round < tries; round += 1) {
    const change = TAMPERING[round % TAMPERING.length] as (typeof TAMPERING)[number];
    // The last one has none behind it to be swapped with, or cut off.
    const seq = 1 + random(events - 1);
    await opened.engine.db
      .transaction()
      .execute(async (db) => {
        const first = await change(db, seq);
        const session = { ...opened.session, db, direct: undefined, isTransaction: true };
        const startedAt = performance.now();
        const { broken } = await verifyLog(session);
        const seen = opened.headFile?.read();
        const loss = seen === undefined || seen === 'damaged' ? undefined : await findLoss(session, seen);
        longest = Math.max(longest, performance.now() - startedAt);
        if (broken?.seq === first || (broken === undefined && loss?.endsAt === first - 1)) named += 1;
        throw new Undone();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
  }
  const { broken } = await verifyLog(opened.session);
  const what = `${tries} edits, deletions, swaps and cuts in a log of ${events} events`;
  return [
    {
      what,
      aim: 'each found, with the first bad row',
      found: `${named} of ${tries}`,
      met: named === tries && broken === undefined,
    },
    {
      what: `${what}: time of one check`,
      aim: 'under 1 s',
      found: `${Math.round(longest)} ms at most`,
      met: longest < 1_000,
    },
  ];
}

/** Writers are killed while they write; what they were told is durable must be there. */
export async function writersKilled(kills: number, seed: number): Promise<Finding> {
  const random = generator(seed);
  const directory = mkdtempSync(join(tmpdir(), 'cw-chaos-kills-'));
  const place = { url: `sqlite:${join(directory, 'codewalk.db')}`, project: 'p', stateDirectory: directory };
  let [acknowledged, lost, refused] = [0, 0, 0];
  try {
    const perKill = 60;
    const ids = Array.from({ length: kills * perKill }, (_, index) => `t${index}`);
    {
      await using store = await openStore(place);
      await store.sync(planOf(Object.fromEntries(ids.map((id) => [id, {}]))), SOURCE);
    }
    const done = new Set<string>();
    for (let round = 0; round < kills; round += 1) {
      for (const id of await killWriter(place, `orc_${round}`, 1 + random(perKill - 10))) done.add(id);
      try {
        await using store = await openStore(place);
        const stored = new Set<string>((await store.tasks({ states: ['done'] })).map(({ id }) => id));
        lost += [...done].filter((id) => !stored.has(id)).length;
      } catch {
        refused += 1;
      }
    }
    acknowledged = done.size;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    what: `${kills} kill -9 of a process that writes`,
    aim: '0 acknowledged commits lost, 0 false alarms',
    found: `${lost} of ${acknowledged} lost, ${refused} false alarms`,
    met: lost === 0 && refused === 0 && acknowledged > 0,
  };
}

async function killWriter(
  place: { url: string; project: string; stateDirectory: string },
  name: string,
  after: number,
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [WORKER, 'work', place.url, place.project, name, place.stateDirectory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'close');
  const done: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, id = ''] = line.split(' ');
    if (word === 'done') done.push(id);
    if (done.length >= after) child.kill('SIGKILL');
  }
  await ended;
  return done;
}

/** Numbers from 0 up to, but not including, `below`; the same ones for the same seed (Lehmer's generator). */
function generator(seed: number): (below: number) => number {
  let state = (Math.abs(seed) % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
