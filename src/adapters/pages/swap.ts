import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bytes, type SwapCalls, steadyRead } from './steady-read.ts';

/** How long somebody may take over one save, ms. */
const PATIENCE_MS = 2_000;
const WAIT_MS = 10;
/** How often what others save at the same moment is put back before it is kept beside the page. */
const TRIES = 20;

export type Swap =
  | { readonly kind: 'done' }
  /** Somebody else's text is in its place, as they saved it. `beside`: what they saved in between, to be kept. */
  | { readonly kind: 'changed'; readonly beside: readonly string[] };

/** What stands at a name; `null`: nothing of ours, whatever it is. */
type Text = string | null | undefined;

/**
 * Replaces and removes files in one step each: a reader sees the old file or the new one. The old file comes out, and
 * when it does not say what it should, somebody saved it meanwhile: then it goes back.
 */
export class Swapper {
  readonly #root: string;
  readonly #calls: SwapCalls | undefined;

  /** Links are followed inside `root` alone. */
  constructor(root: string, calls: SwapCalls | undefined) {
    this.#root = root;
    this.#calls = calls;
  }

  /** Puts a text in the place of `over`; undefined: where nothing is. */
  async swapIn(path: string, { over, text }: { over: string | undefined; text: string }): Promise<Swap> {
    const next = besideOf(path, 'next');
    await mkdir(dirname(path), { recursive: true });
    await writeNew(next, text);
    if (over === undefined) {
      const isFree = await links(next, path);
      await rm(next, { force: true });
      return isFree ? { kind: 'done' } : { kind: 'changed', beside: [] };
    }
    const isOver = (await this.#textAt(path)) === over;
    const exchanged = isOver ? await this.#exchange(next, path) : 'gone';
    if (exchanged !== 'exchanged') {
      await rm(next, { force: true });
      const beside = exchanged === 'overtaken' ? await this.#unlessSaid(besideOf(path, 'out'), over) : [];
      return { kind: 'changed', beside };
    }
    return await this.#settle(path, { placed: text, expected: over });
  }

  /** Takes a file away that says `over`. */
  async swapOut(path: string, over: string): Promise<Swap> {
    const aside = besideOf(path, 'out');
    const before = await this.#textAt(path);
    if (before === undefined) return { kind: 'done' };
    if (before !== over) return { kind: 'changed', beside: [] };
    try {
      await rename(path, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { kind: 'done' };
      throw error;
    }
    const out = await this.#textAt(aside);
    const isOurs = out === undefined || out === over;
    const isBack = !isOurs && (await links(aside, path));
    await rm(aside, { force: true });
    if (isOurs) return { kind: 'done' };
    return { kind: 'changed', beside: isBack || out === null ? [] : [out] };
  }

  /** What came out must be what was expected; else it goes back, and whatever comes out then is looked at as well. */
  async #settle(path: string, { placed, expected }: { placed: string; expected: string }): Promise<Swap> {
    const aside = besideOf(path, 'next');
    const beside: string[] = [];
    let out = await this.#textAt(aside);
    let there: Text = placed;
    if (out === undefined || out === expected) {
      await rm(aside, { force: true });
      return { kind: 'done' };
    }
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const exchanged = await this.#exchange(aside, path);
      if (exchanged === 'gone' && (await links(aside, path))) break;
      if (exchanged === 'overtaken') beside.push(...(await this.#unlessSaid(besideOf(path, 'out'), there)));
      if (exchanged !== 'exchanged') {
        if (typeof out === 'string') beside.push(out);
        break;
      }
      const came: Text = await this.#textAt(aside);
      if (came === undefined || came === there) break;
      if (typeof out === 'string') beside.push(out);
      [there, out] = [out, came];
      if (tries === TRIES && typeof came === 'string') beside.push(came);
    }
    await rm(aside, { force: true });
    return { kind: 'changed', beside };
  }

  /** `gone`: there was nothing to exchange with. `overtaken`: what was there is aside, and somebody saved anew. */
  async #exchange(a: string, b: string): Promise<'exchanged' | 'gone' | 'overtaken'> {
    if (this.#calls?.exchange(a, b) === true) return 'exchanged';
    // In two steps, between which there is no file.
    const aside = besideOf(b, 'out');
    try {
      await rename(b, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'gone';
      throw error;
    }
    if (!(await links(a, b))) return 'overtaken';
    await rename(aside, a);
    return 'exchanged';
  }

  /** The text of a file that is about to go, unless it says what is known anyway. */
  async #unlessSaid(path: string, known: Text): Promise<readonly string[]> {
    const text = await this.#textAt(path);
    await rm(path, { force: true });
    return typeof text === 'string' && text !== known ? [text] : [];
  }

  /** What stands there once nobody writes it any more; undefined when nothing does. */
  async #textAt(path: string): Promise<Text> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(WAIT_MS)) {
      const read: Bytes = await steadyRead(path, this.#root, this.#calls);
      if (read.kind === 'bytes') return read.bytes.toString('utf8');
      if (read.kind === 'missing') return undefined;
      if (read.kind === 'foreign' || Date.now() > deadline) return null;
    }
  }
}

/** The name of what is on its way in or out of a place; such names are never pages. */
function besideOf(path: string, what: 'next' | 'out'): string {
  return join(dirname(path), `.${basename(path)}.cw-${what}`);
}

/** The name that a file belongs to which a crash left on its way. */
export function leftFrom(name: string): string | undefined {
  return /^\.(.+)\.cw-(?:next|out)$/.exec(name)?.[1];
}

async function links(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await using handle = await open(path, 'wx', 0o644);
  await handle.writeFile(text);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
