import { type BigIntStats, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FoundPages, PageContent, PageFiles } from '../../core/files/ports.ts';
import { type SwapCalls, steadyRead } from './steady-read.ts';
import { leftFrom, Swapper } from './swap.ts';

/** The directories that hold pages. */
const ROOTS = ['inbox', 'plan'] as const;
/** What comes after these is not looked at: somebody has put a whole disk there. */
const MOST_ENTRIES = 200_000;
const MOST_DEPTH = 16;
/** A stamp as young as this says little: the clock of the file system goes in steps of up to 10 ms. */
const YOUNG_MS = 20;

export interface PageDirectoryOptions {
  readonly calls?: SwapCalls | undefined;
  /** Was this text written by us at that path? Absent: what a crash left on its way is not touched. */
  readonly isOurs?: (path: string, text: string) => boolean;
}

/** The pages below one `.codewalk` directory. */
export class PageDirectory implements PageFiles {
  readonly #top: string;
  readonly #calls: SwapCalls | undefined;
  readonly #isOurs: PageDirectoryOptions['isOurs'];

  /** `top` is absolute. */
  constructor(top: string, { calls, isOurs }: PageDirectoryOptions = {}) {
    this.#top = top;
    this.#calls = calls;
    this.#isOurs = isOurs;
  }

  async scan(): Promise<FoundPages> {
    const pages = new Map<string, string>();
    const [kept, warnings] = [new Set<string>(), new Set<string>()];
    const left: string[] = [];
    let entries = 0;
    const walk = (directory: string, depth: number): void => {
      for (const entry of listed(join(this.#top, directory))) {
        const path = `${directory}/${entry.name}`;
        entries += 1;
        if (entries > MOST_ENTRIES) return;
        if (entry.isDirectory()) {
          if (entry.name.startsWith('.') || depth >= MOST_DEPTH) continue;
          walk(path, depth + 1);
        } else if (leftFrom(entry.name) !== undefined) left.push(path);
        else if (isDropping(entry.name)) continue;
        else if (entry.name.endsWith('.warning.txt')) warnings.add(path);
        else if (isKept(entry.name)) kept.add(path);
        else if (entry.name.endsWith('.md')) {
          const stamp = stampOf(join(this.#top, path));
          if (stamp !== undefined) pages.set(path, stamp);
        }
      }
    };
    for (const root of ROOTS) if (isDirectory(join(this.#top, root))) walk(root, 1);
    const isOurs = this.#isOurs;
    if (isOurs !== undefined) for (const path of left) await this.#recover(path, isOurs);
    return isOurs !== undefined && left.length > 0 ? await this.scan() : { pages, kept, warnings };
  }

  async read(path: string): Promise<PageContent> {
    const full = this.#inside(path);
    const before = stampOf(full);
    if (before === undefined) return { kind: 'missing' };
    const read = await steadyRead(full, this.#rootOf(path), this.#calls);
    if (read.kind === 'busy' || read.kind === 'missing') return read;
    if (read.kind === 'foreign') {
      const advice = 'Put a text file of at most 1 MiB here, or take it away.';
      return { kind: 'unusable', stamp: before, message: read.why, advice };
    }
    const after = stampOf(full);
    if (after !== before) return { kind: 'busy' };
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read.bytes);
      return { kind: 'text', text, stamp: isYoung(full) ? undefined : after };
    } catch {
      return {
        kind: 'unusable',
        stamp: before,
        message: 'The file is not UTF-8.',
        advice: 'Save it as UTF-8.',
      };
    }
  }

  async replace(
    path: string,
    change: { over: string | undefined; text: string },
  ): Promise<'written' | 'changed'> {
    const swap = await this.#swapper(path).swapIn(this.#inside(path), change);
    if (swap.kind === 'done') return 'written';
    for (const text of swap.beside) await this.keep(path, text);
    return 'changed';
  }

  async remove(path: string, over: string): Promise<'removed' | 'changed'> {
    const swap = await this.#swapper(path).swapOut(this.#inside(path), over);
    if (swap.kind === 'done') return 'removed';
    for (const text of swap.beside) await this.keep(path, text);
    return 'changed';
  }

  async keep(path: string, text: string): Promise<string> {
    const stem = path.replace(/\.md$/, '');
    for (let n = 1; ; n += 1) {
      const beside = `${stem}.yours${n === 1 ? '' : `-${n}`}.md`;
      const swap = await this.#swapper(path).swapIn(this.#inside(beside), { over: undefined, text });
      if (swap.kind === 'done') return beside;
    }
  }

  async warn(path: string, text: string | undefined): Promise<void> {
    const full = this.#inside(path.replace(/\.md$/, '.warning.txt'));
    if (text === undefined) return await rm(full, { force: true });
    const next = join(dirname(full), `.${path.slice(path.lastIndexOf('/') + 1)}.cw-warning`);
    await rm(next, { force: true });
    await writeFile(next, text, { flag: 'wx' });
    await rename(next, full);
  }

  async prune(directories: ReadonlySet<string>): Promise<void> {
    // The deepest first, so that what held only empty ones is empty.
    for (const path of [...directories].sort((a, b) => b.length - a.length)) {
      // One that holds anything stays.
      for (let at = path; at.includes('/'); at = at.slice(0, at.lastIndexOf('/'))) {
        const isGone = await rmdir(join(this.#top, at)).then(
          () => true,
          () => false,
        );
        if (!isGone) break;
      }
    }
  }

  /** What a crash left on its way: ours goes, anything else is put back, or beside. */
  async #recover(path: string, isOurs: NonNullable<PageDirectoryOptions['isOurs']>): Promise<void> {
    const full = this.#inside(path);
    const at = path.lastIndexOf('/');
    const page = `${path.slice(0, at)}/${leftFrom(path.slice(at + 1)) ?? ''}`;
    const read = await steadyRead(full, this.#rootOf(path), this.#calls);
    const text = read.kind === 'bytes' ? read.bytes.toString('utf8') : undefined;
    if (text !== undefined && !isOurs(page, text)) {
      const swap = await this.#swapper(page).swapIn(this.#inside(page), { over: undefined, text });
      if (swap.kind === 'changed') await this.keep(page, text);
    }
    await rm(full, { force: true });
  }

  #swapper(path: string): Swapper {
    return new Swapper(this.#rootOf(path), this.#calls);
  }

  #rootOf(path: string): string {
    return join(this.#top, path.split('/')[0] ?? '');
  }

  /** The place of a page. Every directory on the way is one, and no link: so nothing leads out. */
  #inside(path: string): string {
    const parts = path.split('/');
    const isBelow = ROOTS.some((root) => root === parts[0]) && parts.length > 1;
    if (
      !isBelow ||
      parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))
    ) {
      throw new Error(`Not the path of a page: ${path}`);
    }
    let at = this.#top;
    for (const part of parts.slice(0, -1)) {
      at = join(at, part);
      mkdirIfMissing(at);
      if (!isDirectory(at)) throw new Error(`${at} is no directory`);
    }
    return join(at, parts.at(-1) ?? '');
  }
}

/** What editors leave beside a file while they save it, or after. */
function isDropping(name: string): boolean {
  return /^[.#]|[~#]$/.test(name);
}

function isKept(name: string): boolean {
  return /\.yours(-\d+)?\.md$/.test(name);
}

function listed(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function mkdirIfMissing(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { recursive: true });
}

function stampOf(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return undefined;
  const stamp = stampText(found);
  // What a link leads to is edited without a change of the link.
  return found.isSymbolicLink() ? `${stamp} ${targetStamp(path)}` : stamp;
}

function targetStamp(path: string): string {
  try {
    return stampText(statSync(path, { bigint: true }));
  } catch {
    return 'nothing';
  }
}

function stampText({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

function isYoung(path: string): boolean {
  const changedAt = lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
  return Math.abs(Date.now() - changedAt) < YOUNG_MS;
}
