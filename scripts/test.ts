import { chmod, glob, mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { buildBundle } from './build.ts';

const UNIT = ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts', 'chaos/**/*.test.ts'];
const CROSSING = ['test/**/*.test.ts'];
const SLOWEST_SHOWN = 10;
/** Of one test. Far beyond any of them, so that a hang ends with the name of the test that hangs. */
const TEST_TIMEOUT_MS = 4 * 60_000;

const { values, positionals } = parseArgs({
  options: {
    fast: { type: 'boolean', default: false },
    concurrency: { type: 'string' },
    'timeout-ms': { type: 'string', default: String(TEST_TIMEOUT_MS) },
  },
  allowPositionals: true,
});

const patterns = positionals.length > 0 ? positionals : values.fast ? UNIT : [...UNIT, ...CROSSING];
const files: string[] = [];
for await (const file of glob(patterns, { exclude: ['test/fixtures/**', '**/node_modules/**'] })) {
  files.push(join(process.cwd(), file));
}
files.sort();
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(1);
}

// Tests of the shipped program start the bundle.
if (!values.fast) await buildBundle(process.cwd(), join(process.cwd(), 'dist'));

// Types are stripped and modules compiled once for all test processes.
process.env.NODE_COMPILE_CACHE ??= join(process.cwd(), 'node_modules', '.cache', 'tests');

// What tests make for themselves goes here, so that what they leave behind is seen, and goes with the run.
const temporary = await mkdtemp(join(tmpdir(), 'cwt-'));
process.env.TMPDIR = temporary;
// A database server that tests start gives up root, and must still get through to its files.
await chmod(temporary, 0o711);

const counts = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
const durations = new Map<string, number>();
const timeout = Number(values['timeout-ms']);
const giveUp = new AbortController();
const stream = run({
  files,
  // Most tests wait for a process or a file more than they compute.
  concurrency: Number(values.concurrency ?? availableParallelism() + 1),
  timeout,
  signal: giveUp.signal,
});
stream.on('test:summary', ({ file, counts: its, duration_ms: durationMs }) => {
  if (file === undefined) Object.assign(counts, its);
  else durations.set(relative('.', file).split(sep).join('/'), durationMs);
});
stream.on('test:fail', () => {
  process.exitCode = 1;
});

// A file whose tests are over but that left a timer, a process or a connection open never ends by itself.
// Tests that it takes from another module are of that module to the runner, which says nothing of its end.
const started = new Set(files);
const lastHeard = new Map<string, number>();
const hear = ({ file }: { file?: string | undefined }): void => {
  if (file !== undefined && started.has(file)) lastHeard.set(file, Date.now());
};
stream.on('test:dequeue', hear);
stream.on('test:complete', (test) => {
  if (test.name === test.file) lastHeard.delete(test.name);
  else hear(test);
});
let hanging: readonly string[] = [];
const watch = setInterval(() => {
  const tooLongAgo = Date.now() - timeout - timeout / 4;
  hanging = [...lastHeard].flatMap(([file, at]) => (at < tooLongAgo ? [relative('.', file)] : []));
  if (hanging.length === 0) return;
  clearInterval(watch);
  giveUp.abort();
}, timeout / 8);

const report = stream.compose(new spec());
report.pipe(process.stdout);
await new Promise((resolve) => report.once('end', resolve));
clearInterval(watch);
if (hanging.length > 0) {
  console.log(`\nStopped, because something that they started is still open:\n  ${hanging.join('\n  ')}`);
}

const slowest = [...durations].sort(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN);
console.log('\nSlowest files:');
for (const [file, ms] of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${file}`);
const left = await readdir(temporary);
await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
if (left.length > 0) console.log(`\nLeft behind by tests and removed: ${left.join(' ')}`);
console.log(
  `\n# tests ${counts.tests}\n# pass ${counts.passed}\n# fail ${counts.failed}\n# cancelled ${counts.cancelled}` +
    `\n# skipped ${counts.skipped}\n# todo ${counts.todo}`,
);
if (counts.tests === 0) process.exitCode = 1;
