import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** A child that runs, and our ends of its streams. */
export interface CheapChild {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit code, or none when a signal ended it; once its output is read to the end and it is collected. */
  readonly closed: Promise<number | null>;
}

export interface CheapSpawn {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

type Call =
  | 'pipe2'
  | 'posix_spawn_file_actions_init'
  | 'posix_spawn_file_actions_adddup2'
  | 'posix_spawn_file_actions_addchdir_np'
  | 'posix_spawn_file_actions_destroy'
  | 'posix_spawnattr_init'
  | 'posix_spawnattr_setflags'
  | 'posix_spawnattr_setsigdefault'
  | 'posix_spawnattr_setsigmask'
  | 'posix_spawnattr_destroy'
  | 'posix_spawn'
  | 'waitpid';

const ARGUMENTS: Readonly<Record<Call, readonly string[]>> = {
  pipe2: ['pointer', 'i32'],
  posix_spawn_file_actions_init: ['pointer'],
  posix_spawn_file_actions_adddup2: ['pointer', 'i32', 'i32'],
  posix_spawn_file_actions_addchdir_np: ['pointer', 'pointer'],
  posix_spawn_file_actions_destroy: ['pointer'],
  posix_spawnattr_init: ['pointer'],
  posix_spawnattr_setflags: ['pointer', 'i16'],
  posix_spawnattr_setsigdefault: ['pointer', 'pointer'],
  posix_spawnattr_setsigmask: ['pointer', 'pointer'],
  posix_spawnattr_destroy: ['pointer'],
  posix_spawn: ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'],
  waitpid: ['i32', 'pointer', 'i32'],
};

type Calls = Readonly<Record<Call, (...values: readonly (number | bigint)[]) => number>>;

/** The part of `node:ffi` that is used; see also the launcher's. */
interface Ffi {
  dlopen(path: null, definitions: object): { functions: Calls };
  getRawPointer(buffer: Buffer): bigint;
}

/** See posix_spawn(3), pipe2(2), waitpid(2), signal(7) and the headers of glibc and musl for Linux. */
const [SETSIGDEF, SETSIGMASK, SETSID] = [0x04, 0x08, 0x80];
const O_CLOEXEC = 0o2000000;
const WNOHANG = 1;
/** More than either library needs: 336 bytes for the attributes, 128 for a set of signals, 80 for the actions. */
const STRUCT_BYTES = 512;
/** Between looks for the end of a child that has closed its output first, ms. */
const LOOK_MS = 1;

let loaded: { calls: Calls; address: (buffer: Buffer) => bigint } | undefined | 'none';

/**
 * Starts a program in a session of its own without copying this process first. Node forks, and copying the page tables
 * of an orchestrator takes 2 to 5 ms, in which nothing else happens; `posix_spawn` takes a tenth of that. Returns
 * nothing where that cannot be done, for whatever reason: the usual way then finds the reason again.
 */
export function cheapSpawn(what: CheapSpawn): CheapChild | undefined {
  loaded ??= load() ?? 'none';
  if (loaded === 'none') return undefined;
  const { calls, address } = loaded;
  // Kept until after the call: only their addresses are passed on.
  const kept: Buffer[] = [];
  const keep = (buffer: Buffer): bigint => {
    kept.push(buffer);
    return address(buffer);
  };
  const text = (value: string): bigint => keep(Buffer.from(`${value}\0`));
  const list = (values: readonly string[]): bigint => {
    const pointers = Buffer.alloc((values.length + 1) * 8);
    for (const [index, value] of values.entries()) pointers.writeBigUInt64LE(text(value), index * 8);
    return keep(pointers);
  };
  const fds: number[] = [];
  const pipe = (): readonly [number, number] | undefined => {
    const pair = Buffer.alloc(8);
    if (calls.pipe2(address(pair), O_CLOEXEC) !== 0) return undefined;
    const ends = [pair.readInt32LE(0), pair.readInt32LE(4)] as const;
    fds.push(...ends);
    return ends;
  };
  const [input, output, errors] = [pipe(), pipe(), pipe()];
  const [actions, attributes] = [keep(Buffer.alloc(STRUCT_BYTES)), keep(Buffer.alloc(STRUCT_BYTES))];
  const pid = Buffer.alloc(4);
  try {
    if (input === undefined || output === undefined || errors === undefined) return undefined;
    calls.posix_spawn_file_actions_init(actions);
    calls.posix_spawnattr_init(attributes);
    calls.posix_spawn_file_actions_adddup2(actions, input[0], 0);
    calls.posix_spawn_file_actions_adddup2(actions, output[1], 1);
    calls.posix_spawn_file_actions_adddup2(actions, errors[1], 2);
    calls.posix_spawn_file_actions_addchdir_np(actions, text(what.cwd));
    calls.posix_spawnattr_setsigdefault(attributes, keep(Buffer.alloc(STRUCT_BYTES, 0xff)));
    calls.posix_spawnattr_setsigmask(attributes, keep(Buffer.alloc(STRUCT_BYTES)));
    calls.posix_spawnattr_setflags(attributes, SETSIGDEF | SETSIGMASK | SETSID);
    const failed = calls.posix_spawn(
      keep(pid),
      text(what.program),
      actions,
      attributes,
      list([what.program, ...what.args]),
      list(Object.entries(what.env).map(([name, value]) => `${name}=${value}`)),
    );
    calls.posix_spawn_file_actions_destroy(actions);
    calls.posix_spawnattr_destroy(attributes);
    if (failed !== 0) return undefined;
    const [stdin, stdout, stderr] = [input[1], output[0], errors[0]];
    for (const fd of [stdin, stdout, stderr]) fds.splice(fds.indexOf(fd), 1);
    return child(calls, pid.readInt32LE(0), { stdin, stdout, stderr, address });
  } finally {
    kept.length = 0;
    for (const fd of fds) closeSync(fd);
  }
}

function child(
  calls: Calls,
  pid: number,
  fds: { stdin: number; stdout: number; stderr: number; address: (buffer: Buffer) => bigint },
): CheapChild {
  const stdin = new Socket({ fd: fds.stdin, readable: false, writable: true });
  const stdout = new Socket({ fd: fds.stdout, readable: true, writable: false });
  const stderr = new Socket({ fd: fds.stderr, readable: true, writable: false });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const status = Buffer.alloc(4);
  const look = (): void => {
    const found = calls.waitpid(pid, fds.address(status), WNOHANG);
    if (found === 0) {
      setTimeout(look, LOOK_MS);
      return;
    }
    stdin.destroy();
    const word = status.readInt32LE(0);
    // Collected by somebody else, or ended by a signal: there is no code.
    resolve(found === pid && (word & 0x7f) === 0 ? (word >> 8) & 0xff : null);
  };
  let open = 2;
  for (const stream of [stdout, stderr]) {
    stream.on('error', () => {});
    stream.once('close', () => {
      open -= 1;
      if (open === 0) look();
    });
  }
  return { pid, stdin, stdout, stderr, closed: promise };
}

function load(): Exclude<typeof loaded, 'none'> {
  if (process.platform !== 'linux') return undefined;
  const { emitWarning } = process;
  // Nobody can do anything about the warning that the module is experimental.
  process.emitWarning = () => {};
  try {
    const ffi = process.getBuiltinModule('node:ffi') as unknown as Ffi | undefined;
    if (ffi === undefined) return undefined;
    const definitions = Object.fromEntries(
      Object.entries(ARGUMENTS).map(([name, types]) => [
        name,
        { arguments: types, parameters: types, return: 'i32', result: 'i32' },
      ]),
    );
    const { functions } = ffi.dlopen(null, definitions);
    return { calls: functions, address: (buffer) => ffi.getRawPointer(buffer) };
  } catch {
    // Switched off, or a C library without one of the calls.
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
