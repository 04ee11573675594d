import { hash } from 'node:crypto';
import type { PlannedTask, TaskDefinition } from '../../core/roadmap/model.ts';
import { parseColumn, stringsColumn } from './json-column.ts';
import { FIRST_AD_HOC_POSITION } from './positions.ts';

/** Characters of the part that stands for the definition. */
export const REVISION_LENGTH = 22;
/** Needs up to this long stand in the digest as they are, which costs less than to hash them. */
const SHORT_NEEDS = 44;
/** A definition that was not read anew is the same object, and need not be written out again to be compared. */
const known = new WeakMap<TaskDefinition, string>();

/**
 * What a sync compares in place of the texts: `<definition><order>:<chain>:<needs>`. Two tasks with the same one
 * need no write.
 */
export function digestOf({ definition, order, chain, needs }: PlannedTask): string {
  let first = known.get(definition);
  if (first === undefined) {
    first = short(JSON.stringify(definition));
    known.set(definition, first);
  }
  return `${first}${order}:${chain}:${digestOfNeeds(needs)}`;
}

/** The same from what is stored. */
export function digestOfTexts(row: {
  id: string;
  definition: string;
  needs: string;
  position: number;
  chain: number;
}): string {
  const needs = digestOfNeeds(parseColumn(stringsColumn, row.needs, { table: 'tasks', key: row.id }));
  return `${short(row.definition)}${row.position}:${row.chain}:${needs}`;
}

/** Of the definition alone. */
export function revisionOf(digest: string): string {
  return digest.slice(0, REVISION_LENGTH);
}

export function sameNeeds(a: string, b: string): boolean {
  return needsIn(a) === needsIn(b);
}

export function isAdHoc(digest: string): boolean {
  return positionIn(digest) >= FIRST_AD_HOC_POSITION;
}

export function positionIn(digest: string): number {
  return Number.parseInt(digest.slice(REVISION_LENGTH), 10);
}

function needsIn(digest: string): string {
  return digest.slice(digest.indexOf(':', digest.indexOf(':') + 1));
}

function digestOfNeeds(needs: readonly string[]): string {
  const text = needs.join();
  return text.length <= SHORT_NEEDS ? text : short(text);
}

function short(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, REVISION_LENGTH);
}
