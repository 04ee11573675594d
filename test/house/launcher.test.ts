import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { isTooOld, machineNode } from './machine-node.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = machineNode();
const skip = isTooOld(NODE) ? false : 'the Node of this machine is new enough to need no launching';

/** Says how many interrupts it got; a line of input ends it, after time enough for one too many to arrive. */
const COUNTS_INTERRUPTS = `
  let seen = 0;
  process.on('SIGINT', () => { seen += 1; console.log('seen ' + seen); });
  process.stdin.on('data', () => setTimeout(() => { console.log('after ' + seen); process.exit(7); }, 300));
  setInterval(() => {}, 1000);
  console.log('ready');`;

/** An installed package: the real launcher, `program` in the place of the bundle, and our own Node beside it. */
async function installed(t: TestContext, program: string, options: { node?: boolean } = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cw-launcher-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await cp(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'dist'));
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  await writeFile(join(root, 'dist', 'cw.mjs'), program);
  if (options.node ?? true) await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return join(root, 'bin', 'cw.mjs');
}

function start(t: TestContext, launcher: string, ...args: readonly string[]): ChildProcess {
  // A session of its own, so that no terminal of the person who runs the tests takes part.
  const child = spawn(NODE, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function lines(child: ChildProcess): AsyncIterator<string> {
  assert.ok(child.stdout);
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

test('cw runs on Node 26 whatever Node starts it', async (t) => {
  const launcher = await installed(t, 'console.log(process.versions.node, ...process.argv.slice(2))');
  const { stdout, stderr, status } = spawnSync(NODE, [launcher, 'task', 'a b', '--json'], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.match(stdout, /^26\.\d+\.\d+ task a b --json\n$/);
  assert.equal(status, 0);
});

test('the version and the overview come from the launcher itself, on any Node', async (t) => {
  const launcher = await installed(t, "console.log('the program', ...process.argv.slice(2))", {
    node: false,
  });
  const root = join(dirname(launcher), '..');
  await writeFile(join(root, 'package.json'), '{"type":"module","version":"1.2.3"}');
  await writeFile(join(root, 'dist', 'help.txt'), 'Usage: cw\n');
  for (const node of [NODE, process.execPath]) {
    const cw = (...args: readonly string[]): string =>
      spawnSync(node, [launcher, ...args], { encoding: 'utf8' }).stdout;
    assert.equal(cw(), 'Usage: cw\n');
    assert.equal(cw('-h'), 'Usage: cw\n');
    assert.equal(cw('--help'), 'Usage: cw\n');
    assert.equal(cw('-V'), '1.2.3\n');
    assert.equal(cw('--version'), '1.2.3\n');
  }
  const { stdout } = spawnSync(process.execPath, [launcher, 'run', '--help'], { encoding: 'utf8' });
  assert.equal(stdout, 'the program run --help\n');
});

test('in a source checkout the program answers, whose text may be newer', async (t) => {
  const launcher = await installed(t, "console.log('old')");
  const root = join(dirname(launcher), '..');
  await writeFile(join(root, 'dist', 'help.txt'), 'old\n');
  await mkdir(join(root, 'src', 'main'), { recursive: true });
  await writeFile(join(root, 'src', 'main', 'cw.ts'), "console.log('new');");
  await utimes(join(root, 'dist', 'cw.mjs'), 0, 0);
  assert.equal(spawnSync(process.execPath, [launcher, '--help'], { encoding: 'utf8' }).stdout, 'new\n');
});

test('the exit code of cw is that of the program', async (t) => {
  const launcher = await installed(t, 'process.exitCode = 3');
  assert.equal(spawnSync(NODE, [launcher]).status, 3);
});

test('a program that a signal ends ends the launcher with the same signal', async (t) => {
  const launcher = await installed(t, "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)");
  const { status, signal } = spawnSync(NODE, [launcher]);
  assert.deepEqual({ status, signal }, { status: null, signal: 'SIGTERM' });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} to the launcher reaches the program once, which ends in its own time`, async (t) => {
    const launcher = await installed(
      t,
      `let seen = 0;
       process.on('${signal}', () => { seen += 1; setImmediate(() => { console.log('seen ' + seen); process.exit(130); }); });
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    const child = start(t, launcher);
    const output = lines(child);
    assert.equal((await output.next()).value, 'ready');
    child.kill(signal);
    assert.equal((await output.next()).value, 'seen 1');
    const [code] = await once(child, 'exit');
    assert.equal(code, 130);
  });
}

test('two signals to the launcher alone are two to the program', async (t) => {
  const launcher = await installed(t, COUNTS_INTERRUPTS);
  const child = start(t, launcher);
  const output = lines(child);
  assert.equal((await output.next()).value, 'ready');
  child.kill('SIGINT');
  assert.equal((await output.next()).value, 'seen 1');
  child.kill('SIGINT');
  assert.equal((await output.next()).value, 'seen 2');
});

test('a program that does not care for a signal ends by it', async (t) => {
  const launcher = await installed(t, "console.log('ready'); setInterval(() => {}, 1000);");
  const child = start(t, launcher);
  assert.equal((await lines(child).next()).value, 'ready');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGINT']);
});

const hasScript = spawnSync('script', ['--version']).status === 0;
const skipTerminal = skip || (hasScript ? false : 'there is no script(1) of util-linux to give a terminal');

/**
 * Runs a shell line on a terminal of its own; what is written to its input is typed there. The shell is the one every
 * machine has, not the person's: bash goes on after an interrupt that its program survived, dash does not.
 */
function terminal(t: TestContext, line: string): { type(keys: string): void; output: AsyncIterator<string> } {
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...process.env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return { type: (keys) => child.stdin.write(keys), output: lines(child) };
}

test('Ctrl+C on a terminal counts once and the launcher waits for the program', {
  skip: skipTerminal,
}, async (t) => {
  const launcher = await installed(t, COUNTS_INTERRUPTS);
  const { type, output } = terminal(t, `trap : INT; '${NODE}' '${launcher}'; echo "exit $?"; read -r _`);
  assert.equal((await output.next()).value, 'ready');
  type('\x03');
  assert.match((await output.next()).value ?? '', /seen 1$/);
  type('\x03');
  assert.match((await output.next()).value ?? '', /seen 2$/);
  type('\n');
  assert.match((await output.next()).value ?? '', /^$/);
  assert.equal((await output.next()).value, 'after 2');
  assert.equal((await output.next()).value, 'exit 7');
});

test('SIGINT to the launcher alone counts on a terminal too', { skip: skipTerminal }, async (t) => {
  const launcher = await installed(t, COUNTS_INTERRUPTS);
  const { output } = terminal(t, `'${NODE}' '${launcher}' & echo "$!"; wait`);
  const pid = Number((await output.next()).value);
  assert.equal((await output.next()).value, 'ready');
  process.kill(pid, 'SIGINT');
  assert.equal((await output.next()).value, 'seen 1');
  process.kill(pid, 'SIGKILL');
});

test('SIGKILL to the launcher ends the program too', { skip }, async (t) => {
  const launcher = await installed(t, 'console.log(process.pid); setInterval(() => {}, 1000)');
  const child = start(t, launcher);
  assert.notEqual(Number((await lines(child).next()).value), child.pid);
  child.kill('SIGKILL');
  // Its output closes when the last process that could write to it is gone.
  await once(child, 'close');
});

test('the program sees nothing of the launcher in its environment and ends when its work ends', async (t) => {
  const launcher = await installed(
    t,
    'console.log(Object.keys(process.env).filter((name) => /^(CW_|NODE_CHANNEL)/.test(name)).join())',
  );
  const { stdout } = spawnSync(NODE, [launcher], { encoding: 'utf8' });
  assert.equal(stdout, '\n');
});

test('without the Node package the error says what is missing and what to do', { skip }, async (t) => {
  const launcher = await installed(t, '', { node: false });
  const { status, stderr } = spawnSync(NODE, [launcher], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^cw: needs Node 26 or newer \(this is \d+\.\d+\.\d+\), and the package node-\S+ is not installed/,
  );
  assert.match(stderr, /To go on, install again without leaving out optional dependencies/);
});

test('a source checkout runs its source as soon as that is newer than the bundle', async (t) => {
  const launcher = await installed(t, "console.log('bundle')");
  const root = dirname(dirname(launcher));
  await mkdir(join(root, 'src', 'main'), { recursive: true });
  await writeFile(join(root, 'src', 'main', 'cw.ts'), "console.log('source' satisfies string)");
  const says = (): string => spawnSync(NODE, [launcher], { encoding: 'utf8' }).stdout.trim();
  const future = Date.now() / 1000 + 60;
  await utimes(join(root, 'dist', 'cw.mjs'), future, future);
  assert.equal(says(), 'bundle');
  await utimes(join(root, 'src', 'main', 'cw.ts'), future + 1, future + 1);
  assert.equal(says(), 'source');
  await rm(join(root, 'dist'), { recursive: true });
  assert.equal(says(), 'source');
});
