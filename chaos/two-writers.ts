// A person and Codewalk write one roadmap file at the same time, and neither may lose a byte of the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoadmapEditor } from '../src/adapters/yaml/roadmap-editor.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';

const ROUNDS = 1_000;
const START = '# The plan\ntasks:\n  - id: first\n    title: First\n';

export const twoWriters: Experiment = {
  about:
    'A person saves the roadmap in seven ways (in place, in halves, renamed over, by a backup, deleted and written anew, appended to, opened early and written late) while Codewalk adds tasks to it, both as fast as they can.',
  async run({ seed, scale, note }) {
    const directory = mkdtempSync(join(tmpdir(), 'cw-chaos-writers-'));
    try {
      const file = join(directory, 'roadmap.yaml');
      writeFileSync(file, START);
      const count = rounds(ROUNDS, scale);
      const program = join(import.meta.dirname, 'person.ts');
      const person = spawn(process.execPath, [program, file, String(seed), String(count)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        let output = '';
        person.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
        const ended = once(person, 'close');
        const ours = await addTasks(file, count, note);
        const [code] = (await ended) as [number | null];
        if (code !== 0) throw new Error(`the person ended with ${code}`);
        return findings(readFileSync(file, 'utf8'), { ...ours, count, seen: JSON.parse(output) as string[] });
      } finally {
        person.kill('SIGKILL');
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

interface Ours {
  readonly added: readonly string[];
  readonly refused: readonly string[];
  readonly kept: number;
}

async function addTasks(file: string, count: number, note: (line: string) => void): Promise<Ours> {
  const [added, refused]: [string[], string[]] = [[], []];
  let kept = 0;
  const editor = new RoadmapEditor(file, 'roadmap.yaml', async () => void kept++);
  for (let n = 0; n < count; n++) {
    const id = `ours-${n}`;
    try {
      await editor.edit({ kind: 'add', id, fields: { title: `Task ${n}` } });
      added.push(id);
    } catch (error) {
      refused.push(`${id}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (n % 100 === 99) note(`${n + 1} edits`);
  }
  return { added, refused, kept };
}

function findings(
  text: string,
  { added, refused, kept, count, seen }: Ours & { count: number; seen: readonly string[] },
): readonly Finding[] {
  const lines = new Set(text.split('\n').map((line) => line.trim()));
  const theirs = Array.from({ length: count }, (_, n) => `# theirs-${n}`);
  const theirsLost = theirs.filter((line) => !lines.has(line));
  const lost = added.filter((id) => !lines.has(`- id: ${id}`));
  const seenLost = lost.filter((id) => seen.includes(id));
  return [
    {
      what: `${count} saves by the person`,
      aim: '0 lost',
      found: `${theirsLost.length} lost`,
      met: theirsLost.length === 0,
    },
    {
      what: `${added.length} edits by Codewalk that were told to be made`,
      aim: '0 lost',
      found: `${lost.length} lost, ${seenLost.length} of them seen by the person before`,
      met: lost.length === 0,
    },
    {
      what: 'edits that were refused with a reason, and changed nothing',
      aim: 'few',
      found: `${refused.length}${refused[0] === undefined ? '' : ` (${refused[0]})`}`,
      met: undefined,
    },
    { what: 'versions put into the history', aim: '–', found: String(kept), met: undefined },
  ];
}
