import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/adapters/store/open.ts';
import { IncrementalParser } from '../src/adapters/yaml/incremental.ts';
import { readRoadmap } from '../src/adapters/yaml/read-roadmap.ts';
import { RoadmapEditor } from '../src/adapters/yaml/roadmap-editor.ts';
import type { Plan } from '../src/core/roadmap/model.ts';
import { median, type Section, table } from './stats.ts';

const TASKS = 10_000;
const ROUNDS = 9;
/** Of a whole parse. */
const AIM = 0.1;

/** What it costs to read a roadmap of ten thousand tasks: whole, and when one of them was changed. */
export async function benchRoadmap(): Promise<Section> {
  const parser = new IncrementalParser();
  read(textWith(0), parser);
  const [whole, changed, json, sync]: number[][] = [[], [], [], []];
  const directory = await mkdtemp(join(tmpdir(), 'cw-bench-roadmap-'));
  try {
    await using store = await openStore({ url: `sqlite:${join(directory, 'store.db')}`, project: 'bench' });
    await store.sync(read(textWith(0), parser), { path: 'roadmap.yaml', hash: '0' });
    for (let round = 1; round <= ROUNDS; round++) {
      const text = textWith(round);
      whole?.push(await msOf(() => read(text)));
      let plan: Plan | undefined;
      changed?.push(
        await msOf(() => {
          plan = read(text, parser);
        }),
      );
      const asJson = JSON.stringify(plan);
      json?.push(await msOf(() => JSON.parse(asJson)));
      sync?.push(await msOf(() => store.sync(plan as Plan, { path: 'roadmap.yaml', hash: String(round) })));
    }
    const file = join(directory, 'roadmap.yaml');
    await writeFile(file, textWith(0));
    const editor = new RoadmapEditor(file, 'roadmap.yaml', async () => {});
    const edit = await msOf(() => editor.edit({ kind: 'set', id: 'task-5000', fields: { title: 'New' } }));
    const [wholeMs, changedMs] = [median(whole ?? []), median(changed ?? [])];
    const share = changedMs / wholeMs;
    const rows = [
      ['whole parse and plan', ms(wholeMs), '1'],
      ['one task changed: parse and plan', ms(changedMs), share.toFixed(3)],
      [
        'JSON.parse of the same plan, for scale',
        ms(median(json ?? [])),
        (median(json ?? []) / wholeMs).toFixed(3),
      ],
      [
        'sync of that task into the store (SQLite)',
        ms(median(sync ?? [])),
        (median(sync ?? []) / wholeMs).toFixed(3),
      ],
      ['an edit by command, with the checks and two parses', ms(edit), (edit / wholeMs).toFixed(3)],
    ];
    const verdict = share <= AIM ? 'met' : 'missed';
    return {
      title: 'Roadmap',
      text: `${table([`${TASKS.toLocaleString('en')} tasks, ${Math.round(textWith(0).length / 1_024)} KiB`, 'ms', 'of a whole parse'], rows)}\n\nMedian of ${ROUNDS}. Aim: one changed task at most a tenth of a whole parse: ${verdict}.`,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function textWith(round: number): string {
  const lines = ['version: 1', 'project: bench', 'tasks:'];
  for (let n = 0; n < TASKS; n++) {
    const title = round > 0 && n === round * 1_000 ? `Task ${n}, changed ${round} times` : `Task ${n}`;
    lines.push(`  - id: task-${n}`, `    title: ${title}`, `    prompt: Do what ${n} says.`);
    if (n > 0) lines.push(`    depends_on: [task-${n >> 1}]`);
  }
  return `${lines.join('\n')}\n`;
}

function read(text: string, parser?: IncrementalParser): Plan {
  const result = readRoadmap('roadmap.yaml', Buffer.from(text), parser);
  if (result.kind === 'invalid') throw new Error(result.problems[0]?.message);
  return result.plan;
}

async function msOf(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function ms(value: number): string {
  return value.toFixed(1);
}
