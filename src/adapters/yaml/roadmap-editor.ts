import type { ParsedNode } from 'yaml';
import type { EditCheck } from '../../core/api/parts.ts';
import {
  applyEdit,
  isApplied,
  type Plain,
  type PlainMap,
  type RoadmapEdit,
  sameMeaning,
} from '../../core/roadmap/edits.ts';
import { scalarText } from '../../core/roadmap/fields.ts';
import type { Plan } from '../../core/roadmap/model.ts';
import type { RoadmapProblem } from '../../core/roadmap/problem.ts';
import type { LocatedNode } from '../../core/source/located.ts';
import { isEmpty } from '../../core/syncing/look.ts';
import { editText, notEditable, type SingleEdit } from './edit-text.ts';
import { type LocatedRoadmap, locateRoadmap, readRoadmap } from './read-roadmap.ts';
import { type Replacement, replaceFile } from './replace-file.ts';
import { hashOf, RoadmapInvalidError, readRoadmapBytes } from './roadmap-file.ts';

/** What an edit made of the file. */
export interface EditedRoadmap {
  readonly before: string;
  readonly after: string;
  /** SHA-256 of the bytes, hex. */
  readonly hashBefore: string;
  readonly hashAfter: string;
}

export interface EditHow {
  /** Only say what would be written. */
  readonly dryRun?: boolean;
  /** What it throws ends the edit, and nothing is written. */
  readonly check?: EditCheck | undefined;
}

const BOM = '\uFEFF';

/** Changes the roadmap file at one path, as far as an edit goes and no character further. */
export class RoadmapEditor {
  readonly #file: string;
  readonly #shownAs: string;
  readonly #keep: Replacement['keep'];

  /** `keep` takes what somebody else wrote and what was replaced by another save while it was out of its place. */
  constructor(file: string, shownAs: string, keep: Replacement['keep']) {
    this.#file = file;
    this.#shownAs = shownAs;
    this.#keep = keep;
  }

  /**
   * Makes one edit, or with `dryRun` only says what it would make. What somebody else saves at the same moment stays,
   * and the edit is made on it. Throws `RoadmapInvalidError` when the file has a mistake before or would have one,
   * `UsageError` of `applyEdit`, `ROADMAP_NOT_EDITABLE`, and those of `replaceFile`: then nothing was written.
   */
  async edit(edit: RoadmapEdit, options?: EditHow): Promise<EditedRoadmap>;
  /** Only while the file has the hash `expected`; `undefined` when it has another one. */
  async edit(edit: RoadmapEdit, options: EditHow & { expected: string }): Promise<EditedRoadmap | undefined>;
  async edit(
    edit: RoadmapEdit,
    { dryRun = false, expected, check }: EditHow & { expected?: string } = {},
  ): Promise<EditedRoadmap | undefined> {
    return await this.#whileAt(expected, dryRun, {
      edit: (bytes) => editBytes(this.#shownAs, bytes, edit, check),
      isIn: (bytes) => isIn(this.#shownAs, bytes, edit),
    });
  }

  /** Puts another text in the place of the one with the hash `expected`; `undefined` when the file has another one. */
  async restore(
    text: Uint8Array,
    expected: string,
    { dryRun = false, check }: EditHow = {},
  ): Promise<EditedRoadmap | undefined> {
    const edit = (bytes: Uint8Array): Uint8Array => {
      if (check !== undefined) checkPlans(this.#shownAs, { before: bytes, after: text, check });
      return text;
    };
    // A save that comes right after it is somebody's own decision.
    return await this.#whileAt(expected, dryRun, { edit, isIn: () => true });
  }

  async #whileAt(
    expected: string | undefined,
    dryRun: boolean,
    how: Pick<Replacement, 'edit' | 'isIn'>,
  ): Promise<EditedRoadmap | undefined> {
    const changed = new Error('changed');
    const edit = (bytes: Uint8Array) => {
      if (expected !== undefined && hashOf(bytes) !== expected) throw changed;
      return how.edit(bytes);
    };
    try {
      return await this.#replace({ ...how, edit }, dryRun);
    } catch (error) {
      if (error === changed) return undefined;
      throw error;
    }
  }

  async #replace(how: Pick<Replacement, 'edit' | 'isIn'>, dryRun: boolean): Promise<EditedRoadmap> {
    if (!dryRun) {
      const made = await replaceFile(this.#file, { ...how, shownAs: this.#shownAs, keep: this.#keep });
      return described(made.before, made.after);
    }
    const before = await readRoadmapBytes(this.#file, this.#shownAs);
    return described(before, how.edit(before));
  }
}

function described(before: Uint8Array, after: Uint8Array): EditedRoadmap {
  return {
    before: textOfBytes(before),
    after: textOfBytes(after),
    hashBefore: hashOf(before),
    hashAfter: hashOf(after),
  };
}

function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The bytes of a roadmap file with an edit made; throws as `RoadmapEditor.edit` does. */
export function editBytes(
  shownAs: string,
  bytes: Uint8Array,
  edit: RoadmapEdit,
  check?: EditCheck,
): Uint8Array {
  const before = locate(shownAs, bytes);
  const meant = applyEdit(plainRoot(before), edit);
  const mark = textOfBytes(bytes).startsWith(BOM) ? BOM : '';
  let edited: Uint8Array = bytes;
  let { text, document }: Pick<Located, 'text' | 'document'> = before;
  for (const [at, single] of singleEdits(edit).entries()) {
    // Between two edits it need not be a roadmap, only YAML.
    if (at > 0) ({ text, document } = locateRoadmap(shownAs, edited));
    edited = Buffer.from(mark + editText(text, document, single));
  }
  const after = locateRoadmap(shownAs, edited);
  if (after.kind === 'invalid') throw invalid(after.problems);
  if (!sameMeaning(plainRoot(after), meant)) throw notEditable(shownAs);
  check?.(before.plan, after.plan);
  return edited;
}

/** Throws `RoadmapInvalidError` for a text that could not be taken, and what the check throws. */
function checkPlans(
  shownAs: string,
  { before, after, check }: { before: Uint8Array; after: Uint8Array; check: EditCheck },
): void {
  const [old, now] = [readRoadmap(shownAs, before), readRoadmap(shownAs, after)];
  if (now.kind === 'invalid' && !isEmpty(now.problems)) throw invalid(now.problems);
  check(old.kind === 'valid' ? old.plan : undefined, now.kind === 'valid' ? now.plan : NOTHING);
}

const NOTHING: Plan = { tasks: [], gates: [] };

function singleEdits(edit: RoadmapEdit): readonly SingleEdit[] {
  return edit.kind === 'all' ? edit.edits.flatMap(singleEdits) : [edit];
}

function isIn(shownAs: string, bytes: Uint8Array, edit: RoadmapEdit): boolean {
  const now = locateRoadmap(shownAs, bytes);
  return now.kind === 'valid' && isApplied(plainRoot(now), edit);
}

interface Located {
  readonly text: string;
  readonly document: ParsedNode | null | undefined;
  readonly tree: LocatedNode | undefined;
  /** Absent while it has no task. */
  readonly plan?: Plan;
}

function locate(shownAs: string, bytes: Uint8Array): Located {
  const read: LocatedRoadmap = locateRoadmap(shownAs, bytes);
  if (read.kind === 'valid') return read;
  // A roadmap that only lacks tasks is about to have one.
  if (!isEmpty(read.problems)) throw invalid(read.problems);
  return { text: read.text, document: read.document, tree: read.tree };
}

function invalid(problems: readonly RoadmapProblem[]): RoadmapInvalidError {
  return new RoadmapInvalidError(problems);
}

function plainRoot({ tree }: { readonly tree: LocatedNode | undefined }): PlainMap {
  const plain = tree === undefined ? {} : plainOf(tree);
  return typeof plain === 'object' && !Array.isArray(plain) ? plain : {};
}

/** Scalars as the texts that a roadmap reads: whether 1.10 stands in quotes makes no difference. */
function plainOf(node: LocatedNode): Plain {
  if (node.kind === 'scalar') return node.value === null ? '' : scalarText(node).trim();
  if (node.kind === 'list') return node.items.map(plainOf);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainOf(value)]));
}
