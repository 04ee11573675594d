import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProjectApi } from '../src/core/api/ports.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { type FilesRig, makeFiles } from '../test/files/rig.ts';
import { SAVE_STYLES, type SaveStyle } from '../test/support/save-styles.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';

const ROUNDS = 1_000;
const SILENT_ROUNDS = 200;
/** Projects that go on side by side, each with a person and a keeper of its own. */
const LANES = 4;
const TASKS = ['a', 'b', 'c'] as const;
/** What a person saved and is nowhere after this long counts as lost. */
const PATIENCE_MS = 60_000;
const STYLES = Object.entries(SAVE_STYLES) as readonly (readonly [string, SaveStyle])[];

const ROADMAP = `version: 1
plans:
  - id: plan
    tasks:
${TASKS.map((id) => `      - id: ${id}\n        title: Task ${id}\n        prompt: |\n          Person none.\n          Codewalk none.\n`).join('')}`;

interface Tally {
  readonly lost: string[];
  readonly torn: string[];
  saves: number;
  kept: number;
  messages: number;
  echoes: number;
  reads: number;
}

/** A person and Codewalk write the same files at once; then Codewalk alone, while somebody reads. */
export const files: Experiment = {
  about: `In ${LANES} projects whose files are kept in step, a person edits the files of ${TASKS.length} tasks and puts messages into the inbox, each time with words that are new, in ${STYLES.length} ways of saving, at the moment in which Codewalk writes the same file: the task changes its state, or somebody else edits its title or its text in the roadmap. Then Codewalk writes alone, while its files are read without a pause.`,
  async run({ seed, scale, note }) {
    const tally: Tally = { lost: [], torn: [], saves: 0, kept: 0, messages: 0, echoes: 0, reads: 0 };
    const each = Math.ceil(rounds(ROUNDS, scale) / LANES);
    const silent = Math.ceil(rounds(SILENT_ROUNDS, scale) / LANES);
    await Promise.all(
      Array.from({ length: LANES }, (_, lane) => runLane({ lane, seed, each, silent, tally, note })),
    );
    return [
      {
        what: `${tally.saves} saves by a person while Codewalk wrote the same file, ${tally.messages} of them messages`,
        aim: '0 lost: in the roadmap and the store, sent, or kept beside the file',
        found: `${tally.lost.length} lost${tally.lost.length === 0 ? '' : `, the first ${tally.lost[0]}`}; ${tally.kept} kept beside the file`,
        met: tally.lost.length === 0 && tally.saves === each * LANES,
      },
      {
        what: `edits of the roadmap by what Codewalk itself had written, in ${tally.saves} rounds with a person and ${silent * LANES} without`,
        aim: '0 echoes',
        found: `${tally.echoes} echoes`,
        met: tally.echoes === 0,
      },
      {
        what: `${tally.reads} reads of files while Codewalk wrote them`,
        aim: '0 of half a file, or of none',
        found: `${tally.torn.length}${tally.torn.length === 0 ? '' : `, the first ${JSON.stringify(tally.torn[0])}`}`,
        met: tally.torn.length === 0 && tally.reads > 0,
      },
    ] satisfies Finding[];
  },
};

interface Lane {
  readonly lane: number;
  readonly seed: number;
  readonly each: number;
  readonly silent: number;
  readonly tally: Tally;
  readonly note: (line: string) => void;
}

async function runLane({ lane, seed, each, silent, tally, note }: Lane): Promise<void> {
  const chance = seeded(seed * LANES + lane);
  await using rig = await makeFiles({ roadmap: ROADMAP });
  const api = await rig.api();
  const own: Own = { edits: 0 };
  let saves = 0;
  await rig.inStep();
  await using _files = await rig.keep(note);
  for (let n = 1; n <= each; n += 1) {
    const name = `${lane}x${n}`;
    const task = TASKS[chance(TASKS.length)] ?? 'a';
    const [style, write] = STYLES[chance(STYLES.length)] ?? ['', async () => {}];
    const isMessage = chance(5) === 0;
    const isThere = isMessage
      ? await messageRound(rig, { api, task, name, write })
      : await taskRound(rig, { api, task, name, write, kind: chance(4), delayMs: chance(40), own });
    tally.saves += 1;
    if (isMessage) tally.messages += 1;
    if (isThere === 'nowhere') tally.lost.push(`${name} (${style})`);
    if (isThere === 'kept') tally.kept += 1;
    // One save is one edit at most; what is saved six times in a row may be seen six times.
    if (!isMessage) saves += style === 'many saves in a row' ? 6 : 1;
    if (n % 100 === 0) note(`project ${lane}: ${n} saves`);
  }
  await rest(rig);
  tally.echoes += Math.max(0, (await writeBacks(rig)) - own.edits - saves);
  await writeAlone(rig, { api, silent, tally, lane, own });
}

/** Edits of the roadmap in one project by others than the person. */
interface Own {
  edits: number;
}

type Found = 'taken' | 'kept' | 'nowhere';

/** A person puts a file into the inbox while the task that it is about changes. */
async function messageRound(
  rig: FilesRig,
  { api, task, name, write }: { api: ProjectApi; task: string; name: string; write: SaveStyle },
): Promise<Found> {
  const text = `Message ${name}.\n`;
  await Promise.all([turn(api, task), write(rig.pathOf('inbox/to-orchestrator.md'), text)]);
  const found = await within(async () => {
    const messages = await rig.store.messages({ of: 'orchestrator' });
    return messages.some((message) => message.text === text.trim()) ? 'taken' : undefined;
  });
  await within(async () => (rig.has('inbox/to-orchestrator.md') ? undefined : 'taken'));
  return found;
}

interface TaskRound {
  readonly api: ProjectApi;
  readonly task: string;
  readonly name: string;
  readonly write: SaveStyle;
  /** What Codewalk does at the same time: 0 and 1 the state, 2 the title, 3 the text that the person edits. */
  readonly kind: number;
  readonly delayMs: number;
  readonly own: Own;
}

async function taskRound(rig: FilesRig, round: TaskRound): Promise<Found> {
  const { api, task, name, write, kind, delayMs, own } = round;
  const path = `plan/plan/${task}.md`;
  // As an editor shows it: from here on the person sees nothing of what others do.
  const shown = await pageOf(rig, path);
  const [line, edited] = [/^Person .*$/m, `Person ${name}.`];
  if (kind === 3) {
    const prompt = promptOf(rig, task).replace(/^Codewalk .*$/m, `Codewalk ${name}.`);
    await api.editTask({ task, fields: { prompt } });
    own.edits += 1;
  }
  const theirs = (async () => {
    await pause(delayMs);
    await write(rig.pathOf(path), shown.replace(line, edited));
  })();
  const ours = (async () => {
    if (kind !== 2) return await turn(api, task);
    await again(() => api.editTask({ task, fields: { title: `Title ${name}` } }));
    own.edits += 1;
  })();
  await Promise.all([theirs, ours]);
  const found = await within(async () => {
    if (promptOf(rig, task).includes(edited)) {
      return (await rig.store.tasks()).some(({ definition }) => definition.prompt.includes(edited))
        ? 'taken'
        : undefined;
    }
    return keptWith(rig, edited) ? 'kept' : undefined;
  });
  // What somebody else wrote meanwhile is not lost either.
  const isOursThere =
    kind < 2 ||
    (kind === 2
      ? rig.roadmap().includes(`Title ${name}`)
      : promptOf(rig, task).includes(`Codewalk ${name}.`));
  for (const kept of keptFiles(rig)) rmSync(kept);
  return isOursThere ? found : 'nowhere';
}

/** Codewalk writes and nobody else, while every file is read again and again. */
async function writeAlone(
  rig: FilesRig,
  {
    api,
    silent,
    tally,
    lane,
    own,
  }: { api: ProjectApi; silent: number; tally: Tally; lane: number; own: Own },
): Promise<void> {
  const before = { edits: await writeBacks(rig), facts: await fileFacts(rig), own: own.edits };
  const over = new AbortController();
  const reading = readAll(rig, tally, over.signal);
  for (let n = 1; n <= silent; n += 1) {
    const task = TASKS[n % TASKS.length] ?? 'a';
    if (n % 4 === 0) {
      await again(() => api.editTask({ task, fields: { title: `Alone ${lane} ${n}` } }));
      own.edits += 1;
    } else await turn(api, task);
  }
  await rest(rig);
  over.abort();
  await reading;
  tally.echoes += (await writeBacks(rig)) - before.edits - (own.edits - before.own);
  tally.echoes += (await fileFacts(rig)) - before.facts;
}

async function readAll(rig: FilesRig, tally: Tally, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const task of TASKS) {
      tally.reads += 1;
      const text = rig.has(`plan/plan/${task}.md`) ? rig.read(`plan/plan/${task}.md`) : '';
      if (!/^---\n[\s\S]*\nrevision: r[\s\S]*\n---\n[\s\S]*\nCodewalk [^\n]*\.\n$/.test(text))
        tally.torn.push(text);
    }
    await pause(0);
  }
}

/** Changes the state of a task, and with it its file. */
async function turn(api: ProjectApi, task: string): Promise<void> {
  const { tasks } = await api.tasks({ ids: [task] });
  if (tasks[0]?.state === 'cancelled') await api.retry({ tasks: [task] });
  else await api.cancel({ tasks: [task] });
}

/** What the file says when nobody is about to change it. */
async function pageOf(rig: FilesRig, path: string): Promise<string> {
  for (;;) {
    if (rig.has(path)) {
      const text = rig.read(path);
      if (text.includes('\nPerson ')) return text;
    }
    await pause(5);
  }
}

/** Until all files say what they should, for as long as that takes. */
async function rest(rig: FilesRig): Promise<void> {
  await within(async () => {
    const tasks = await rig.store.tasks();
    const isInStep = tasks.every(({ id, state, definition }) => {
      const text = rig.has(`plan/plan/${id}.md`) ? rig.read(`plan/plan/${id}.md`) : '';
      return text.includes(`\nstate: ${state}\n`) && text.includes(definition.title);
    });
    return isInStep ? 'taken' : undefined;
  });
}

/** Somebody else writes the roadmap at this moment. */
async function again(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ROADMAP_BUSY') throw error;
    }
  }
}

async function within(look: () => Promise<Found | undefined>): Promise<Found> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause(10)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  return 'nowhere';
}

function promptOf(rig: FilesRig, task: string): string {
  const [, text = ''] = rig.roadmap().split(`- id: ${task}\n`);
  const [own = ''] = text.split('- id:');
  const lines = own.split('\n').flatMap((line) => /^ +((?:Person|Codewalk) .*)$/.exec(line)?.[1] ?? []);
  return lines.join('\n');
}

function keptFiles(rig: FilesRig): readonly string[] {
  const directory = rig.pathOf('plan/plan');
  return readdirSync(directory)
    .filter((name) => name.includes('.yours'))
    .map((name) => join(directory, name));
}

function keptWith(rig: FilesRig, words: string): boolean {
  return keptFiles(rig).some((path) => readFileSync(path, 'utf8').includes(words));
}

/** How often the roadmap was edited by a program. */
async function writeBacks(rig: FilesRig): Promise<number> {
  const history = join(rig.root, '.codewalk/state/roadmap-history');
  const names = await Promise.resolve()
    .then(() => readdirSync(history))
    .catch(() => []);
  // Of the fifty that are kept the newest says how many there were.
  return Math.max(0, ...names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number));
}

async function fileFacts(rig: FilesRig): Promise<number> {
  return (await rig.events('files.conflicted', 'files.rejected')).length;
}
