import { constants } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import { type FileCalls, fileCalls } from './file-calls.ts';
import { lockEdits } from './file-lock.ts';
import { hashOf, readRoadmapBytes } from './roadmap-file.ts';

/** How often an edit is made again on what somebody else has just saved. */
const TRIES = 50;
/** How long somebody may have the file open for writing, and how long it may be gone while an editor saves it. */
const PATIENCE_MS = 2_000;
const WAIT_MS = 10;
/** An editor that was about to save the older text has done so by then. */
const SETTLE_MS = 50;

export interface Replacement {
  readonly shownAs: string;
  /** What to make of the file's bytes; called again when somebody else has changed them. What it throws ends it. */
  readonly edit: (bytes: Uint8Array) => Uint8Array;
  /** Is the edit still in a file that somebody saved right after it? */
  readonly isIn: (bytes: Uint8Array) => boolean;
  /** Keeps a version of somebody else that another one replaced while it was out of its place. */
  readonly keep: (bytes: Uint8Array) => Promise<void>;
  /** Default: those of this system. */
  readonly calls?: FileCalls | undefined;
}

/** Names beside the file: the new one until it takes its place, and where that takes two steps, the old one. */
interface Places {
  readonly target: string;
  readonly next: string;
  readonly aside: string;
}

/**
 * Replaces a file by what `edit` makes of it, in one step: readers and crashes see the old file or the new one. What
 * anybody else saves at the same moment is never overwritten: the new file is exchanged for the old one, and when
 * what came out is not what was edited, it goes back and the edit is made on it. Mode and symbolic links stay.
 * Returns the bytes before and after. Throws `UsageError`: `ROADMAP_BUSY`, `ROADMAP_UNWRITABLE`, those of reading,
 * and whatever `edit` throws; then the file is as its last writer left it.
 */
export async function replaceFile(
  path: string,
  how: Replacement,
): Promise<{ readonly before: Uint8Array; readonly after: Uint8Array }> {
  const calls = 'calls' in how ? how.calls : fileCalls();
  // A link stays a link: what it points to is replaced.
  const target = await realpath(path).catch(() => path);
  const beside = (end: string) => join(dirname(target), `.${basename(target)}.cw-${end}`);
  const places = { target, next: beside('next'), aside: beside('aside') };
  await readRoadmapBytes(target, how.shownAs).catch(() => recoverable(places, how));
  await using lock = await lockEdits(beside('edit'), how.shownAs, calls);
  crashPoint('edit.locked');
  await recover(places, lock.left, { ...how, calls });
  let made: { readonly before: Uint8Array; readonly after: Uint8Array } | undefined;
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = await readSteadily(target, how.shownAs, calls);
    // Half of a save was seen after it; the whole of it has the edit.
    if (made !== undefined && how.isIn(before)) return made;
    const after = await attempt(how, before, target);
    if (after === undefined) continue;
    await lock.note(`${hashOf(before)} ${hashOf(after)}`);
    await writeNext(places, after);
    if (!(await isStill(target, before))) continue;
    const exchanged = await exchange(places, calls);
    if (exchanged === 'gone') continue;
    crashPoint('edit.renamed');
    const out = await readSteadily(places.next, how.shownAs, calls);
    if (exchanged === 'overtaken') {
      if (!isSame(out, before)) await how.keep(out);
      continue;
    }
    if (!isSame(out, before)) {
      await putBack(places, { placed: after, out }, { ...how, calls });
      continue;
    }
    await rm(places.next, { force: true });
    await syncDirectory(dirname(target));
    crashPoint('edit.durable');
    made = { before, after };
    if (await stays(target, after, how)) return made;
  }
  throw new UsageError('ROADMAP_BUSY', `${how.shownAs} is being changed by somebody else all the time.`, {
    advice: 'Nothing of theirs was changed. Try again.',
  });
}

/** The edited bytes; `undefined` when it failed on a file that is not the same any more. */
async function attempt(
  { edit }: Replacement,
  before: Uint8Array,
  target: string,
): Promise<Uint8Array | undefined> {
  try {
    return edit(before);
  } catch (error) {
    if (await isStill(target, before)) throw error;
    return undefined;
  }
}

async function writeNext({ target, next }: Places, bytes: Uint8Array): Promise<void> {
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  await rm(next, { force: true });
  await using handle = await open(next, 'wx', 0o600);
  await handle.writeFile(bytes);
  await handle.chmod(mode);
  crashPoint('edit.written');
  await handle.sync();
  crashPoint('edit.synced');
}

/**
 * The new file takes the old one's place, and the old one the new one's. `gone`: there was none to take it from, because
 * somebody replaces it just now. `overtaken`: somebody put another one there in the meantime, which stays; the old one
 * came out all the same, and the new one is gone.
 */
async function exchange(
  { target, next, aside }: Places,
  calls: FileCalls | undefined,
): Promise<'exchanged' | 'gone' | 'overtaken'> {
  if (calls?.exchange(next, target) === true) return 'exchanged';
  // In two steps, between which there is no file; a link never replaces what somebody put there meanwhile.
  try {
    await rename(target, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    await link(next, target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      await rename(aside, target);
      throw error;
    }
    await rename(aside, next);
    return 'overtaken';
  }
  await rename(aside, next);
  return 'exchanged';
}

/** What came out is newer than what was edited: it goes back, unless something newer still has come. */
async function putBack(
  places: Places,
  { placed, out }: { placed: Uint8Array; out: Uint8Array },
  how: Replacement,
): Promise<void> {
  let [there, hand] = [placed, out];
  for (let tries = 1; tries <= TRIES; tries++) {
    if ((await exchange(places, how.calls)) !== 'exchanged') break;
    const came = await readSteadily(places.next, how.shownAs, how.calls);
    if (isSame(came, there)) {
      await rm(places.next, { force: true });
      return;
    }
    await how.keep(hand);
    [there, hand] = [hand, came];
  }
  await how.keep(hand);
}

/** Is the edit in the file also after the moment in which a save that had begun before it comes to its end? */
async function stays(target: string, after: Uint8Array, { isIn, shownAs }: Replacement): Promise<boolean> {
  await sleep(SETTLE_MS);
  const now = await readRoadmapBytes(target, shownAs).catch(() => undefined);
  return now !== undefined && (isSame(now, after) || isIn(now));
}

/** The bytes of a file that nobody is writing. Throws `ROADMAP_BUSY` when somebody does so for too long. */
async function readSteadily(
  path: string,
  shownAs: string,
  calls: FileCalls | undefined,
): Promise<Uint8Array> {
  let last: unknown;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(WAIT_MS)) {
    try {
      const writing = await isBeingWritten(path, calls);
      if (writing === true) continue;
      const bytes = await readRoadmapBytes(path, shownAs);
      if (writing === false) return bytes;
      // Where the system does not say so, a file that stays the same for a moment is taken to be finished.
      await sleep(WAIT_MS);
      if (isSame(bytes, await readRoadmapBytes(path, shownAs))) return bytes;
    } catch (error) {
      last = error;
      if (codeOf(error) !== 'ROADMAP_MISSING') throw error;
    }
  }
  throw (
    last ??
    new UsageError('ROADMAP_BUSY', `Another program has ${shownAs} open for writing.`, {
      advice: 'Close it, or wait until it is done, and try again.',
    })
  );
}

async function isBeingWritten(path: string, calls: FileCalls | undefined): Promise<boolean | undefined> {
  if (calls === undefined) return undefined;
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return undefined;
  await using _file = handle;
  return calls.isBeingWritten(handle.fd);
}

async function isStill(target: string, bytes: Uint8Array): Promise<boolean> {
  const now = await readRoadmapBytes(target, target).catch(() => undefined);
  return now !== undefined && isSame(now, bytes);
}

/**
 * Clears up after an edit that was cut off by a crash. `left` names the file that it edited and what it made of it; what
 * is neither was saved by somebody else, and taken out of its place before anybody could look.
 */
async function recover({ target, next, aside }: Places, left: string, how: Replacement): Promise<void> {
  // Between the two steps of an exchange there is no file: the one aside is the file.
  await link(aside, target).catch(() => undefined);
  const [base, made] = left.split(' ');
  for (const path of [aside, next]) {
    const bytes = await readRoadmapBytes(path, how.shownAs).catch(() => undefined);
    if (bytes === undefined) continue;
    const now = await readRoadmapBytes(target, how.shownAs).catch(() => undefined);
    const isTheirs = made !== undefined && hashOf(bytes) !== base && hashOf(bytes) !== made;
    if (isTheirs && now !== undefined && hashOf(now) === made) {
      await rename(path, target);
      await how.keep(now);
      continue;
    }
    if (isTheirs) await how.keep(bytes);
    await rm(path, { force: true });
  }
}

/** Rethrows why the file cannot be read, unless a crash has left it beside its place. */
async function recoverable({ aside, target }: Places, { shownAs }: Replacement): Promise<void> {
  if ((await stat(aside).catch(() => undefined)) === undefined) await readRoadmapBytes(target, shownAs);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && hashOf(a) === hashOf(b);
}

/** The new name is safe against a power cut only when the directory is on disk too. */
async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
