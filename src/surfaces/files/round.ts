import { decidePage } from '../../core/files/decide-page.ts';
import type { FoundPages, PageProblem } from '../../core/files/ports.ts';
import { type FreshPage, PageWriter } from './page-writer.ts';
import type { FilesEvent, KeeperParts, Records } from './parts.ts';
import { DONE, directoryIn, INBOX, nameOf, PLAN } from './places.ts';
import { printPage } from './print-page.ts';
import { takeAnswer, takeNewMessage, takeReply } from './take-inbox.ts';
import { takeNewTask, takeTask } from './take-task.ts';
import type { Saved, Taken } from './taken.ts';
import { REMOVE_REMARK } from './task-page.ts';
import { taskDirectories, type Wanted, wantedPages } from './wanted.ts';
import { warningText } from './warning.ts';

/** What stood at a path when it was last looked at, and was ours or taken over. */
interface Base {
  readonly text: string;
  /** Undefined: it is to be read again, whatever its stamp. */
  stamp: string | undefined;
}

interface Look {
  readonly records: Records;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly found: FoundPages;
  /** A person's save was carried out: what should stand here is to be asked anew. */
  hasActed: boolean;
  restsMs: number | undefined;
}

/** A file that is gone rests as well: some editors delete it before they write it anew. */
const GONE = 'gone';
/** Somebody is writing: soon again. */
const BUSY_MS = 50;
/** A shorter rest tells nothing: file systems stamp times in steps of up to 10 ms. */
const LEAST_REST_MS = 20;

/** Compares all pages with what they should say, and settles what differs. Knows what it wrote from round to round. */
export class PageRound {
  readonly #parts: KeeperParts;
  readonly #writer: PageWriter;
  readonly #bases = new Map<string, Base>();
  /** When a save was first seen, by path. */
  readonly #resting = new Map<string, { readonly stamp: string; readonly since: number }>();
  /** Saves that were refused, with what they were held against. */
  readonly #refused = new Map<string, string>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#writer = new PageWriter(parts);
    for (const [path, text] of parts.ledger.newest()) this.#bases.set(path, { text, stamp: undefined });
  }

  async run(records: Records): Promise<{ hasActed: boolean; restsMs: number | undefined }> {
    const found = await this.#parts.files.scan();
    const wanted = wantedPages(records, found.kept);
    const look: Look = { records, wanted, found, hasActed: false, restsMs: undefined };
    for (const path of new Set([...found.pages.keys(), ...this.#bases.keys(), ...wanted.keys()])) {
      await this.#page(path, look);
    }
    await this.#clearWarnings(found);
    return look;
  }

  async #page(path: string, look: Look): Promise<void> {
    const stamp = look.found.pages.get(path);
    const base = this.#bases.get(path);
    const wanted = look.wanted.get(path);
    // Containers stay as they are while the roadmap cannot be read.
    if (wanted === undefined && look.records.roadmap === undefined && nameOf(path).startsWith('_')) return;
    const fresh = wanted === undefined ? undefined : this.#writer.write(path, wanted, base?.text);
    if (base !== undefined && stamp !== undefined && base.stamp === stamp && fresh?.text === base.text)
      return;
    const file = await this.#fileAt(path, stamp, base, look);
    if (file === 'later') return;
    const step = decidePage({ base: base?.text, file: file.text, wanted: fresh?.text });
    switch (step.kind) {
      case 'nothing':
        if (base !== undefined) base.stamp = file.stamp;
        return this.#isFine(path);
      case 'adopt':
        return this.#adopt(path, { text: file.text ?? '', revision: fresh?.revision });
      case 'write':
        return await this.#write(path, step.over, fresh, look);
      case 'remove':
        return await this.#remove(path, step.over, look);
      case 'forget':
        return this.#retire(path);
      case 'deleted':
        return await this.#deleted(path, wanted, fresh, look);
      case 'edited':
      case 'created': {
        const versions = this.#parts.ledger.versions(path);
        // Written by us before a crash, or brought back by its editor: nothing in it is anybody's edit.
        if (step.kind === 'edited' && versions.some(({ text }) => text === step.text)) {
          this.#bases.set(path, { text: step.text, stamp: undefined });
          look.restsMs = 0;
          return;
        }
        const saved = { path, text: step.text, stamp: stamp ?? GONE, versions };
        return await this.#take(saved, wanted, fresh, look);
      }
    }
  }

  async #fileAt(
    path: string,
    stamp: string | undefined,
    base: Base | undefined,
    look: Look,
  ): Promise<{ text: string | undefined; stamp: string | undefined } | 'later'> {
    if (stamp === undefined) return { text: undefined, stamp };
    if (base !== undefined && base.stamp === stamp) return { text: base.text, stamp };
    const content = await this.#parts.files.read(path);
    if (content.kind === 'text') return { text: content.text, stamp: content.stamp };
    if (content.kind === 'unusable') {
      const { message, advice } = content;
      await this.#refuse(path, { line: 1, col: 1, message, advice }, content.stamp);
      return 'later';
    }
    again(look);
    return 'later';
  }

  async #write(
    path: string,
    over: string | undefined,
    fresh: FreshPage | undefined,
    look: Look,
  ): Promise<void> {
    if (fresh === undefined) return;
    const { ledger, files } = this.#parts;
    // Known before anybody can see it: whoever reads it after a crash knows that it is ours.
    ledger.put(path, fresh);
    const outcome = await files.replace(path, { over, text: fresh.text });
    if (outcome === 'written') this.#bases.set(path, { text: fresh.text, stamp: undefined });
    // What was put there meanwhile is looked at next.
    else again(look);
    this.#isFine(path);
  }

  async #remove(path: string, over: string, look: Look): Promise<void> {
    const outcome = await this.#parts.files.remove(path, over);
    if (outcome === 'changed') again(look);
    else {
      this.#retire(path);
      await this.#parts.files.prune(new Set([directoryIn(path)]));
    }
  }

  /** A task asks whether it is to go; a message is read then; anything else comes back. */
  async #deleted(
    path: string,
    wanted: Wanted | undefined,
    fresh: FreshPage | undefined,
    look: Look,
  ): Promise<void> {
    if (wanted === undefined || fresh === undefined || !this.#hasRested(path, GONE, look)) return;
    if (wanted.kind === 'message' && directoryIn(path) === INBOX) {
      await this.#parts.api.readMessages({ ids: [wanted.message.id] });
      this.#retire(path);
      look.hasActed = true;
      return;
    }
    // Who deletes the whole directory did not mean this task.
    const isOne = [...look.found.pages.keys()].some((each) => directoryIn(each) === directoryIn(path));
    if (wanted.kind !== 'task' || !isOne) return await this.#write(path, undefined, fresh, look);
    const { page } = wanted;
    const head = [...page.head, [REMOVE_REMARK, undefined] as const, ['remove', 'no'] as const];
    await this.#write(path, undefined, { text: printPage({ ...page, head }), revision: undefined }, look);
  }

  async #take(
    saved: Saved,
    wanted: Wanted | undefined,
    fresh: FreshPage | undefined,
    look: Look,
  ): Promise<void> {
    const { path, text, stamp } = saved;
    const against = `${stamp} ${look.records.roadmapHash} ${fresh?.text ?? ''}`;
    if (this.#refused.get(path) === against || !this.#hasRested(path, stamp, look)) return;
    const taken = await this.#carryOut(saved, wanted, fresh, look);
    switch (taken.kind) {
      case 'left':
        return this.#isFine(path);
      case 'refused':
        await this.#refuse(path, taken.problem, this.#parts.hash(text));
        this.#refused.set(path, against);
        return;
      case 'accepted':
        if (taken.conflict === true) await this.#keep(path, path, text);
        this.#adopt(path, { text, revision: taken.revision });
        break;
      case 'moved':
        await this.#move(saved, taken.to);
        break;
      case 'late':
        await this.#keep(path, taken.beside, text);
        await this.#move(saved, undefined);
    }
    look.hasActed = true;
  }

  async #carryOut(
    saved: Saved,
    wanted: Wanted | undefined,
    fresh: FreshPage | undefined,
    { records, wanted: all }: Look,
  ): Promise<Taken> {
    const { path, versions } = saved;
    if (wanted !== undefined && fresh !== undefined) {
      switch (wanted.kind) {
        case 'task':
          return await takeTask(this.#parts, saved, wanted.task);
        case 'question':
          return await takeAnswer(this.#parts, saved, wanted.question, fresh.text);
        case 'message':
          return await takeReply(this.#parts, saved, wanted.message, fresh.text);
        case 'fixed':
          return { kind: 'accepted', conflict: true };
      }
    }
    const isPlan = path.startsWith(`${PLAN}/`);
    if (!isPlan && directoryIn(path) === INBOX) return await takeNewMessage(this.#parts, saved, all);
    const isPage = this.#bases.has(path) || (nameOf(path).startsWith('_') && versions.length > 0);
    if (isPage) return { kind: 'late', beside: path };
    if (directoryIn(path) === DONE) return { kind: 'left' };
    const directories = taskDirectories(records);
    const directory = directoryIn(path);
    if (directories.has(directory))
      return await takeNewTask(this.#parts, saved, records, directories.get(directory));
    const message = `The roadmap has no plan, phase or initiative at ${directory}.`;
    const advice = 'Add it to roadmap.yaml, or move the file into one that is there.';
    return { kind: 'refused', problem: { line: 1, col: 1, message, advice } };
  }

  /** The file goes, and what it says goes on elsewhere. */
  async #move({ path, text }: Saved, to: string | undefined): Promise<void> {
    const { files, ledger } = this.#parts;
    if (to !== undefined) {
      ledger.put(to, { text, revision: undefined });
      if ((await files.replace(to, { over: undefined, text })) === 'written') {
        this.#bases.set(to, { text, stamp: undefined });
      }
    }
    if ((await files.remove(path, text)) === 'removed') this.#retire(path);
  }

  async #keep(path: string, beside: string, text: string): Promise<void> {
    const kept = await this.#parts.files.keep(beside, text);
    await this.#log({ type: 'files.conflicted', file: path, kept });
  }

  async #refuse(path: string, problem: PageProblem, hash: string): Promise<void> {
    const { files, ledger } = this.#parts;
    this.#refused.set(path, '');
    await files.warn(path, warningText(nameOf(path), problem));
    // Said once for each text, whoever looks at it how often.
    if (ledger.refused(path) === hash) return;
    ledger.setRefused(path, hash);
    const { line, col, message, advice } = problem;
    await this.#log({ type: 'files.rejected', file: path, line, col, message, advice });
  }

  #adopt(path: string, version: FreshPage): void {
    this.#parts.ledger.put(path, version);
    this.#bases.set(path, { text: version.text, stamp: undefined });
    this.#isFine(path);
  }

  #retire(path: string): void {
    this.#parts.ledger.retire(path);
    this.#bases.delete(path);
    this.#isFine(path);
  }

  #isFine(path: string): void {
    this.#resting.delete(path);
    if (this.#refused.delete(path)) this.#parts.ledger.setRefused(path, undefined);
  }

  /** Takes the warnings away that nothing gives cause to any more. */
  async #clearWarnings({ warnings }: FoundPages): Promise<void> {
    for (const warning of warnings) {
      const path = warning.replace(/\.warning\.txt$/, '.md');
      if (!this.#refused.has(path)) await this.#parts.files.warn(path, undefined);
    }
  }

  #hasRested(path: string, stamp: string, look: Look): boolean {
    const now = this.#parts.clock.steady();
    const before = this.#resting.get(path);
    if (before?.stamp !== stamp) this.#resting.set(path, { stamp, since: now });
    const since = before?.stamp === stamp ? before.since : now;
    const leftMs = since + Math.max(this.#parts.stabilityMs, LEAST_REST_MS) - now;
    if (leftMs <= 0) return true;
    look.restsMs = Math.min(look.restsMs ?? leftMs, leftMs);
    return false;
  }

  async #log(event: FilesEvent): Promise<void> {
    await this.#parts.log([event]);
  }
}

function again(look: Look): void {
  look.restsMs = Math.min(look.restsMs ?? BUSY_MS, BUSY_MS);
}
