// Somebody who edits a roadmap with an editor: reads it, adds a line, looks whether it is still the one that was read,
// and saves it in one of seven ways.
//   node chaos/person.ts <file> <seed> <saves>
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { generator } from './seeded.ts';

const [file = '', seed = '1', saves = '1'] = process.argv.slice(2);
const random = generator(Number(seed));

type Save = (path: string, text: string, line: string) => void;

const WAYS: readonly Save[] = [
  (path, text, line) => writeFileSync(path, text + line),
  // In two halves, between which the file is not whole.
  (path, text, line) => {
    const fd = openSync(path, 'w');
    const whole = text + line;
    writeSync(fd, whole.slice(0, whole.length / 2));
    pause(3);
    writeSync(fd, whole.slice(whole.length / 2));
    closeSync(fd);
  },
  (path, text, line) => {
    writeFileSync(`${path}.swp`, text + line);
    renameSync(`${path}.swp`, path);
  },
  (path, text, line) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, text + line);
  },
  (path, text, line) => {
    rmSync(path);
    writeFileSync(path, text + line);
  },
  (path, _, line) => appendFileSync(path, line),
  // Opened long before it is written.
  (path, text, line) => {
    const fd = openSync(path, 'r+');
    pause(5);
    ftruncateSync(fd, 0);
    writeSync(fd, text + line, 0);
    closeSync(fd);
  },
];

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function stampOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

const seen = new Set<string>();
for (let n = 0; n < Number(saves); n++) {
  const way = WAYS[Math.floor(random() * WAYS.length)] as Save;
  for (;;) {
    const stamp = stampOf(file);
    const text = readFileSync(file, 'utf8');
    // Time to think, as far as an editor has it between reading and saving.
    pause(random() * 20);
    if (stampOf(file) !== stamp) continue;
    for (const [id] of text.matchAll(/ours-\d+/g)) seen.add(id);
    way(file, text.endsWith('\n') || text === '' ? text : `${text}\n`, `# theirs-${n}\n`);
    break;
  }
  pause(random() * 60);
}
process.stdout.write(JSON.stringify([...seen]));
