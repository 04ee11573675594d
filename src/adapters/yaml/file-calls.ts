/** Calls of the system's C library about files that Node has no function for. A value of -1 says that it failed. */
export interface FileCalls {
  /** Swaps the files behind two names in one step: renameat2(2), renamex_np(2). */
  exchange(a: string, b: string): boolean;
  /** Takes the advisory lock of an open file, unless another process holds it: flock(2). The kernel ends it with it. */
  lock(fd: number): boolean;
  /**
   * Does any process have the file open for writing? A read lease is granted only when none has: fcntl(2).
   * `undefined` where that cannot be asked. `fd` must be open for reading only.
   */
  isBeingWritten(fd: number): boolean | undefined;
}

/** From the headers of Linux: fcntl.h, sys/file.h, errno.h. */
const [AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP] = [-100, 2, 2];
const [F_SETSIG, F_SETLEASE, F_RDLCK, F_UNLCK, SIGURG, EAGAIN] = [10, 1_024, 0, 2, 23, 11];
const LOCK_EX_NB = 6;

type Call = (...values: readonly (number | string)[]) => number;

/** The part of `node:ffi` that is used; the checker of our layers runs on a Node that does not know the module. */
interface Ffi {
  dlopen(path: null, definitions: Readonly<Record<string, object>>): { functions: Record<string, Call> };
  getInt32(pointer: unknown, offset: number): number;
}

let loaded: FileCalls | undefined | null = null;

/** The calls, where the system and this Node have them: `node:ffi` is experimental and may be switched off. */
export function fileCalls(): FileCalls | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): FileCalls | undefined {
  const ffi = quietly(() => process.getBuiltinModule('node:ffi') as unknown as Ffi | undefined);
  if (ffi === undefined) return undefined;
  try {
    if (process.platform === 'linux') return linuxCalls(ffi);
    return process.platform === 'darwin' ? macCalls(ffi) : undefined;
  } catch {
    // A library without one of them; there is another way for each.
    return undefined;
  }
}

function linuxCalls(ffi: Ffi): FileCalls {
  const { renameat2, fcntl, flock, __errno_location } = functionsOf(ffi, {
    renameat2: ['i32', 'string', 'i32', 'string', 'u32'],
    fcntl: ['i32', 'i32', 'i32'],
    flock: ['i32', 'i32'],
    __errno_location: [],
  });
  return {
    exchange: (a, b) => renameat2?.(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) === 0,
    lock: (fd) => flock?.(fd, LOCK_EX_NB) === 0,
    isBeingWritten(fd) {
      // Who opens the file during the lease makes the kernel send a signal; this one is ignored by default.
      if (fcntl?.(fd, F_SETSIG, SIGURG) !== 0) return undefined;
      if (fcntl(fd, F_SETLEASE, F_RDLCK) === 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return false;
      }
      return ffi.getInt32(__errno_location?.(), 0) === EAGAIN ? true : undefined;
    },
  };
}

function macCalls(ffi: Ffi): FileCalls {
  const { renamex_np, flock } = functionsOf(ffi, {
    renamex_np: ['string', 'string', 'u32'],
    flock: ['i32', 'i32'],
  });
  return {
    exchange: (a, b) => renamex_np?.(a, b, RENAME_SWAP) === 0,
    lock: (fd) => flock?.(fd, LOCK_EX_NB) === 0,
    isBeingWritten: () => undefined,
  };
}

/** Their names in a signature changed between Node 26.1 and 26.10. */
function functionsOf(ffi: Ffi, calls: Readonly<Record<string, readonly string[]>>): Record<string, Call> {
  const definitions = Object.entries(calls).map(([name, types]) => {
    const result = name === '__errno_location' ? 'pointer' : 'i32';
    return [name, { arguments: types, parameters: types, return: result, result }];
  });
  return quietly(() => ffi.dlopen(null, Object.fromEntries(definitions)).functions);
}

/** Without the warning that the module is experimental: whoever runs a program cannot do anything about it. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
