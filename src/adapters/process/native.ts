/** Calls of the system's C library that Node has no function for. */
export interface Native {
  /**
   * Makes this process the parent of every descendant whose own parent ended, in the place of the first process of
   * the system: prctl(PR_SET_CHILD_SUBREAPER), Linux. False when the system refuses.
   */
  becomeSubreaper(): boolean;
  /** Collects the ended child `pid`, so that it is no zombie any more. Never for a child that Node waits for. */
  collect(pid: number): void;
}

/** See prctl(2) and waitpid(2). */
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/** The part of `node:ffi` that is used; the checker of our layers runs on a Node that does not know the module. */
interface Ffi {
  dlopen(
    path: null,
    definitions: Readonly<Record<'prctl' | 'waitpid', ReturnType<typeof signature>>>,
  ): {
    functions: Readonly<Record<'prctl' | 'waitpid', (...values: readonly (number | bigint)[]) => number>>;
  };
}

/** Their names in a signature changed between Node 26.1 and 26.10. */
function signature(types: readonly string[], result: string) {
  return { arguments: types, parameters: types, return: result, result };
}

let loaded: Native | string | undefined;

/** The calls, or why there are none. Node's `node:ffi` is experimental: it may be missing, or be switched off. */
export function native(): Native | string {
  loaded ??= load();
  return loaded;
}

function load(): Native | string {
  if (process.platform !== 'linux') return `${process.platform} has no child subreaper`;
  const ffi = quietly(() => process.getBuiltinModule('node:ffi') as unknown as Ffi | undefined);
  if (ffi === undefined) return `Node ${process.versions.node} has no node:ffi`;
  try {
    const { functions } = quietly(() =>
      ffi.dlopen(null, {
        prctl: signature(['i32', 'u64', 'u64', 'u64', 'u64'], 'i32'),
        waitpid: signature(['i32', 'pointer', 'i32'], 'i32'),
      }),
    );
    return {
      becomeSubreaper: () => functions.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0,
      collect: (pid) => {
        functions.waitpid(pid, 0n, WNOHANG);
      },
    };
  } catch (error) {
    return `node:ffi does not work here: ${error instanceof Error ? error.message : String(error)}`;
  }
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
