import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../bench/stats.ts';
import { type Crowd, measureSharedStore, type SharedStore, simulateCrowd } from './orchestrators.ts';
import { plot } from './plot.ts';
import { measureStoredTasks, type StoredTasks } from './stored-tasks.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const PAGE = join(DOCS, 'scale.md');
const PLOTS = join(DOCS, 'scale');
const [BEGIN, END] = ['<!-- scale: begin -->', '<!-- scale: end -->'];
const CROWD_STEPS = 400_000;
/** A heartbeat renews the leases of four agents this often, as in the built-in config. */
const HEARTBEATS_PER_SECOND = 1 / 3;
const HELP = `npm run sim -- scale [--seed N] [--most-tasks 1000000] [--most-orchestrators 1000]

Measures what the store costs with more and more tasks and orchestrators, and simulates how crowds of orchestrators
share it. At full size it writes docs/scale.md and its plots.`;

/** Runs `npm run sim -- scale`. */
export async function scaleMain(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      'most-tasks': { type: 'string', default: '1000000' },
      'most-orchestrators': { type: 'string', default: '1000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [seed, mostTasks, mostOrchestrators] = [
    Number(values.seed),
    Number(values['most-tasks']),
    Number(values['most-orchestrators']),
  ];
  if (values.help === true || ![seed, mostTasks, mostOrchestrators].every(Number.isSafeInteger)) {
    console.log(HELP);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  const stored: StoredTasks[] = [];
  for (const tasks of powers(1_000, mostTasks)) {
    console.error(`  a store of ${tasks} tasks`);
    stored.push(await measureStoredTasks(tasks, seed));
  }
  const shared: SharedStore[] = [];
  const crowds: Crowd[] = [];
  for (const orchestrators of powers(1, mostOrchestrators)) {
    console.error(`  ${orchestrators} orchestrators`);
    shared.push(await measureSharedStore(orchestrators));
    crowds.push(await simulateCrowd(orchestrators, seed, CROWD_STEPS));
  }
  const text = report({ seed, stored, shared, crowds });
  console.log(text);
  if (mostTasks < 1_000_000 || mostOrchestrators < 1_000) return;
  await writePage(text, { stored, shared, crowds });
}

/** From `least` to `most`, each ten times the one before. */
function powers(least: number, most: number): number[] {
  const list: number[] = [];
  for (let size = least; size <= most; size *= 10) list.push(size);
  return list;
}

interface Figures {
  readonly stored: readonly StoredTasks[];
  readonly shared: readonly SharedStore[];
  readonly crowds: readonly Crowd[];
}

async function writePage(text: string, figures: Figures): Promise<void> {
  const before = await readFile(PAGE, 'utf8');
  const [head, rest] = before.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`${PAGE} has no place for the figures`);
  await writeFile(PAGE, `${head}${BEGIN}\n${text}\n${END}${tail}`);
  for (const [name, svg] of Object.entries(plots(figures))) await writeFile(join(PLOTS, `${name}.svg`), svg);
  console.log('\nWritten to docs/scale.md');
}

function plots({ stored, shared, crowds }: Figures): Record<string, string> {
  const byTasks = (name: string, value: (one: StoredTasks) => number) => ({
    name,
    points: stored.map((one) => ({ x: one.tasks, y: value(one) })),
  });
  const byOrchestrators = (name: string, value: (one: SharedStore) => number) => ({
    name,
    points: shared.map((one) => ({ x: one.orchestrators, y: value(one) })),
  });
  return {
    claim: plot({
      title: 'One task through the store',
      xName: 'tasks in the store',
      yName: 'ms',
      series: [
        byTasks('claim', ({ claim }) => claim),
        byTasks('claim, p99', ({ slowClaim }) => slowClaim),
        byTasks('start', ({ start }) => start),
        byTasks('end', ({ end }) => end),
      ],
    }),
    sync: plot({
      title: 'A sync of the whole plan',
      xName: 'tasks in the plan',
      yName: 'ms',
      series: [
        byTasks('first', ({ firstSync }) => firstSync),
        byTasks('nothing changed', ({ sameSync }) => sameSync),
        byTasks('one task edited', ({ editSync }) => editSync),
        byTasks('counting all', ({ counts }) => counts),
      ],
    }),
    orchestrators: plot({
      title: 'What one orchestrator asks of the store',
      xName: 'orchestrators, four agents each',
      yName: 'ms',
      series: [
        byOrchestrators('heartbeat', ({ heartbeat }) => heartbeat),
        byOrchestrators('who is dead?', ({ look }) => look),
        byOrchestrators('claim', ({ claim }) => claim),
      ],
    }),
    crowd: plot({
      title: 'Requests for each finished task',
      xName: 'orchestrators, four agents each',
      yName: 'requests',
      series: [
        { name: 'reads', points: crowds.map((one) => ({ x: one.orchestrators, y: one.readsPerTask })) },
        { name: 'writes', points: crowds.map((one) => ({ x: one.orchestrators, y: one.writesPerTask })) },
      ],
    }),
  };
}

function report({ seed, stored, shared, crowds }: Figures & { seed: number }): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  return [
    `${machine}. Seed ${seed}. Medians, on a SQLite file with synchronous commits.`,
    '### More tasks',
    'A plan of which nine in ten tasks are done. A claim takes one task; its start and its end are one transaction each.',
    '![One task through the store](scale/claim.svg)',
    '![A sync of the whole plan](scale/sync.svg)',
    table(
      [
        'tasks',
        'first sync',
        'same again',
        'one edited',
        'claim',
        'p99',
        'start',
        'end',
        'counting all',
        'file',
        'memory',
      ],
      stored.map((one) => [
        number(one.tasks),
        ms(one.firstSync),
        ms(one.sameSync),
        ms(one.editSync),
        ms(one.claim),
        ms(one.slowClaim),
        ms(one.start),
        ms(one.end),
        ms(one.counts),
        mebibytes(one.fileBytes),
        mebibytes(one.residentBytes),
      ]),
    ),
    '### More orchestrators',
    'Each works on four tasks. The last two columns are what all of them take together of the time of one core and of the one writer, at a heartbeat every three seconds.',
    '![What one orchestrator asks of the store](scale/orchestrators.svg)',
    table(
      [
        'orchestrators',
        'heartbeat',
        'who is dead?',
        'claim',
        'nothing to claim',
        'heartbeats, of the writer',
        'looks, of a core',
      ],
      shared.map((one) => [
        number(one.orchestrators),
        ms(one.heartbeat),
        ms(one.look),
        ms(one.claim),
        ms(one.emptyClaim),
        percent((one.heartbeat / 1_000) * HEARTBEATS_PER_SECOND * one.orchestrators),
        percent((one.look / 1_000) * HEARTBEATS_PER_SECOND * one.orchestrators),
      ]),
    ),
    '### Crowds',
    `Simulated orchestrators on hosts of their own, with a plan of four tasks for each and no faults, for at most ${number(CROWD_STEPS)} steps: what they ask of the database for each task that is merged.`,
    '![Requests for each finished task](scale/crowd.svg)',
    table(
      ['orchestrators', 'tasks', 'merged meanwhile', 'reads a task', 'writes a task'],
      crowds.map((one) => [
        number(one.orchestrators),
        number(one.tasks),
        number(one.merges),
        one.merges === 0 ? '–' : number(Math.round(one.readsPerTask)),
        one.merges === 0 ? '–' : number(Math.round(one.writesPerTask)),
      ]),
    ),
  ].join('\n\n');
}

function number(value: number): string {
  return value.toLocaleString('en-GB');
}

function ms(value: number): string {
  return value < 10 ? `${value.toPrecision(2)} ms` : `${number(Math.round(value))} ms`;
}

function mebibytes(bytes: number): string {
  return `${number(Math.round(bytes / 2 ** 20))} MiB`;
}

function percent(share: number): string {
  const percentage = share * 100;
  return `${percentage < 10 ? percentage.toPrecision(2) : number(Math.round(percentage))} %`;
}
