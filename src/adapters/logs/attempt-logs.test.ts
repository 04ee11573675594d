import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { taskId } from '../../core/ids.ts';
import { FileAttemptLogs } from './attempt-logs.ts';
import { LogReader } from './read-logs.ts';

const task = taskId.parse('cart');

test('S2-05 both streams of a step are kept, raw lines and text apart, private to the user', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-logs-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const logs = new FileAttemptLogs(dir, (error) => assert.fail(error));
  {
    await using log = logs.open({ task, attempt: 2, step: 3 });
    log.raw({ stream: 'stdout', text: 'out', truncated: false });
    log.raw({ stream: 'stderr', text: 'err', truncated: true });
    log.text('hello');
  }
  const base = join(dir, 'cart', '2-3');
  assert.equal(
    await readFile(`${base}.jsonl`, 'utf8'),
    '{"stream":"stdout","text":"out"}\n{"stream":"stderr","text":"err","truncated":true}\n',
  );
  assert.equal(await readFile(`${base}.log`, 'utf8'), 'hello\n');
  assert.equal((await stat(`${base}.log`)).mode & 0o077, 0);
});

test('a step that prints nothing leaves no file', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-logs-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  {
    await using _log = new FileAttemptLogs(dir, (error) => assert.fail(error)).open({
      task,
      attempt: 1,
      step: 1,
    });
  }
  await assert.rejects(stat(join(dir, 'cart')));
});

test('a directory that cannot be written is reported once and stops nothing', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-logs-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'file');
  await writeFile(file, '');
  const errors: Error[] = [];
  {
    await using log = new FileAttemptLogs(file, (error) => errors.push(error)).open({
      task,
      attempt: 1,
      step: 1,
    });
    for (let line = 0; line < 3; line += 1) log.text('x'.repeat(70_000));
  }
  assert.equal(errors.length, 1);
});

test('a flood fills no disk: a log keeps its beginning and its end, and says what is left out', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-logs-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const logs = new FileAttemptLogs(dir, (error) => assert.fail(error), { fileBytes: 200_000 });
  const line = (number: number) => `${String(number).padStart(6, '0')} ${'é'.repeat(46)}`;
  {
    await using log = logs.open({ task, attempt: 1, step: 1 });
    for (let number = 0; number < 20_000; number += 1) {
      log.raw({ stream: 'stdout', text: line(number), truncated: false });
      log.text(line(number));
    }
  }
  const base = join(dir, 'cart', '1-1');
  const text = await readFile(`${base}.log`, 'utf8');
  assert.ok(Buffer.byteLength(text) < 340_000, `${text.length}`);
  const lines = text.trimEnd().split('\n');
  const marker = lines.findIndex((each) => each.startsWith('['));
  const left = Number(/^\[(\d+) bytes are left out here/.exec(lines[marker] ?? '')?.[1]);
  assert.equal(Buffer.byteLength(`${lines.toSpliced(marker, 1).join('\n')}\n`) + left, 20_000 * 100);
  assert.deepEqual([lines[0], lines.at(-1)], [line(0), line(19_999)]);

  const raw = (await readFile(`${base}.jsonl`, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each));
  assert.deepEqual(raw.at(-1), { stream: 'stdout', text: line(19_999) });
  assert.equal(raw.filter(({ leftOut }) => leftOut > 0).length, 1);
});

test('S3-42 a log is read backwards in whole lines, and a line that is longer than a piece in pieces', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-logs-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const place = 'cart';
  await mkdir(join(dir, place));
  const lines = [
    'début',
    'x'.repeat(300_000),
    ...Array.from({ length: 20_000 }, (_, n) => `line ${n} ☕`),
    '',
  ];
  await writeFile(join(dir, place, '1-1.log'), `${lines.join('\n')}\nunfinished`);
  const reader = new LogReader(async () => dir);
  const [file] = await reader.list(place);
  let before = file?.bytes ?? 0;
  const found: string[] = [];
  for (let pieces = 0; before > 0; pieces += 1) {
    assert.ok(pieces < 20);
    const piece = await reader.readBefore({ place, name: '1-1.log' }, before);
    if (pieces > 0) assert.equal(piece.next, before, 'no gap');
    found.unshift(...piece.lines);
    before = piece.first;
  }
  assert.equal(found[0], 'début');
  assert.equal(found.slice(1, -20_001).join(''), lines[1]);
  assert.deepEqual(found.slice(-20_001), lines.slice(2));
  await assert.rejects(reader.readBefore({ place, name: '../x' }, 10), { code: 'NO_LOGS' });
});
