import { Document, isScalar, stringify, visit } from 'yaml';
import type { FieldValue, NewItem } from '../../core/roadmap/edits.ts';

/** One entry of a block map as lines without indentation: the first holds the key, the others what is below it. */
export function blockEntry(key: string, value: FieldValue): readonly string[] {
  const shown = Array.isArray(value) || typeof value === 'object' ? undefined : value;
  if (shown === undefined) return [`${key}: ${inFlow(value)}`];
  return linesOf(stringify({ [key]: shown }, { lineWidth: 0, blockQuote: 'literal' }));
}

/** Texts that are together no longer than this stand in brackets on one line. */
const SHORT_LIST = 56;

/** New items of a block list, as people write them. */
export function blockItems(items: readonly NewItem[]): readonly string[] {
  const document = new Document(items);
  visit(document, {
    Seq(_key, list) {
      const texts = list.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
      const isShort = texts.every((text) => text !== undefined) && texts.join(', ').length <= SHORT_LIST;
      if (isShort) list.flow = true;
    },
  });
  return linesOf(document.toString({ lineWidth: 0, blockQuote: 'literal', flowCollectionPadding: false }));
}

/** A value that stays on its line in a block. */
export function inBlock(text: string | number): string {
  return stringify(text, { lineWidth: 0, blockQuote: false }).trimEnd();
}

/** A value for brackets: words as they are, all else as JSON, which YAML reads the same way. */
export function inFlow(value: unknown, { json = false } = {}): string {
  if (json) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => inFlow(item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => `${key}: ${inFlow(each)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  // What YAML would take for a number, a date or a word of its own is quoted, too.
  const isPlain = /^[A-Za-z][\w./*-]*(?: [\w./*-]+)*$/.test(value) && inBlock(value) === value;
  return isPlain ? value : JSON.stringify(value);
}

function linesOf(text: string): string[] {
  return text.replace(/\n+$/, '').split('\n');
}
