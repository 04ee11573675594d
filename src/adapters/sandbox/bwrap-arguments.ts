import { existsSync } from 'node:fs';
import type { Confinement } from '../../core/agents/ports.ts';
import { depth } from './paths.ts';

/** One change to what the program sees of the file system. */
export type View =
  /** An empty directory that nobody can write to. */
  | { readonly kind: 'hidden'; readonly target: string }
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly writable: boolean };

/** What stands at the top of the file system in mode `strict`. */
export interface SystemPart {
  readonly path: string;
  /** Set when it is a symbolic link, as /bin is in most distributions. */
  readonly link?: string;
}

export interface BwrapOptions {
  readonly confinement: Confinement;
  /** In the order in which they are mounted, see `viewsOf`. */
  readonly views: readonly View[];
  readonly system: readonly SystemPart[];
  readonly cwd: string;
  /** Can this bubblewrap take away the right to make further user namespaces? */
  readonly disableUserns: boolean;
}

/** /dev/shm is memory: what a program can take of it, bytes. */
const SHARED_MEMORY_BYTES = 268_435_456;
/**
 * Here root may write without any capability, because the files are root's: a core_pattern would run a program
 * outside. Bubblewrap covers some of them, but not /proc/sys, whose directory itself is read-only.
 */
const KERNEL_SETTINGS = [
  '/proc/sys',
  '/proc/fs',
  '/proc/acpi',
  '/proc/scsi',
  '/proc/sysrq-trigger',
  '/proc/mtrr',
];
const KERNEL_SECRETS = ['/proc/kcore', '/proc/keys', '/proc/timer_list'];

/**
 * The mounts of a confinement from the top of the file system down, so that what lies deeper wins; at the same path
 * the later list of `Confinement` wins. `home` and `tmp` are where the program expects them.
 */
export function viewsOf(confinement: Confinement, { home, tmp }: { home: string; tmp: string }): View[] {
  const own = (path: string, writable: boolean): View => ({
    kind: 'bind',
    source: path,
    target: path,
    writable,
  });
  const views: View[] = [
    ...confinement.hidden.map((target): View => ({ kind: 'hidden', target })),
    { kind: 'bind', source: confinement.tmp, target: tmp, writable: true },
    { kind: 'bind', source: confinement.home, target: home, writable: true },
    ...confinement.readable.map((path) => own(path, false)),
    ...confinement.writable.map((path) => own(path, true)),
    ...confinement.mounts.map((mount): View => ({ kind: 'bind', ...mount })),
  ];
  const last = new Map(views.map((view) => [view.target, view]));
  return [...last.values()].toSorted((a, b) => depth(a.target) - depth(b.target));
}

/** Arguments of bwrap(1) up to the program. */
export function bwrapArguments(options: BwrapOptions): string[] {
  const { confinement, views, system, cwd, disableUserns } = options;
  const hidden = views.filter(({ kind }) => kind === 'hidden');
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(confinement.network ? [] : ['--unshare-net']),
    ...(disableUserns ? ['--disable-userns'] : []),
    ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent', '--hostname', 'codewalk'],
    ...(confinement.mode === 'workspace' ? ['--ro-bind', '/', '/'] : system.flatMap(systemPart)),
    ...['--dev', '/dev', '--size', String(SHARED_MEMORY_BYTES), '--tmpfs', '/dev/shm', '--proc', '/proc'],
    ...KERNEL_SETTINGS.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]),
    ...KERNEL_SECRETS.filter(existsSync).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...views.flatMap((view) =>
      view.kind === 'hidden'
        ? ['--tmpfs', view.target]
        : [view.writable ? '--bind' : '--ro-bind', view.source, view.target],
    ),
    // Last: until now mount points were made in them.
    ...hidden.flatMap(({ target }) => ['--remount-ro', target]),
    ...['--remount-ro', '/dev', ...(confinement.mode === 'strict' ? ['--remount-ro', '/'] : [])],
    ...['--chdir', cwd, '--'],
  ];
}

function systemPart({ path, link }: SystemPart): string[] {
  return link === undefined ? ['--ro-bind', path, path] : ['--symlink', link, path];
}
