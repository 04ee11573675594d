import type { PageProblem } from '../../core/files/ports.ts';
import type { PageFields } from '../../core/files/three-way.ts';
import type { FieldValue } from '../../core/roadmap/edits.ts';
import { scalarText } from '../../core/roadmap/fields.ts';
import type { LocatedMap, LocatedNode } from '../../core/source/located.ts';

/** Reads YAML that stands at its own lines in a file: a tree with places, or what is wrong. */
export type ReadYaml = (
  file: string,
  text: string,
) =>
  | { readonly kind: 'read'; readonly tree: LocatedNode | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly PageProblem[] };

/** A page taken apart: front matter and body. Lines count from 1. */
export interface ReadPage {
  readonly head: LocatedMap;
  readonly fields: PageFields;
  /** Without blank lines around it. */
  readonly body: string;
  /** Where the body begins. */
  readonly bodyLine: number;
}

export type PageReading =
  | { readonly kind: 'read'; readonly page: ReadPage }
  /** Never empty. */
  | { readonly kind: 'invalid'; readonly problems: readonly PageProblem[] };

const FENCE = /^---[ \t]*$/;
const EMPTY: LocatedMap = { kind: 'map', entries: [], at: { line: 1, col: 1 } };

/** Reads one page. One without front matter is a body and nothing more. */
export function readPage(file: string, text: string, readYaml: ReadYaml): PageReading {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (!FENCE.test(lines[0] ?? '')) return { kind: 'read', page: pageOf(EMPTY, lines, 0) };
  const end = lines.findIndex((line, at) => at > 0 && FENCE.test(line));
  if (end === -1) {
    return invalid(1, 'The front matter that begins here has no end.', 'Write a line "---" below its keys.');
  }
  // The line of the fence is left empty, so that places are those of the file.
  const read = readYaml(file, `\n${lines.slice(1, end).join('\n')}`);
  if (read.kind === 'invalid') return read;
  const { tree } = read;
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
    return { kind: 'read', page: pageOf(EMPTY, lines, end + 1) };
  }
  if (tree.kind !== 'map')
    return invalid(2, 'The front matter is no list of keys.', 'Write it as key: value.');
  return { kind: 'read', page: pageOf(tree, lines, end + 1) };
}

function invalid(line: number, message: string, advice: string): PageReading {
  return { kind: 'invalid', problems: [{ line, col: 1, message, advice }] };
}

function pageOf(head: LocatedMap, lines: readonly string[], from: number): ReadPage {
  const first = lines.findIndex((line, at) => at >= from && line.trim() !== '');
  const body = lines.slice(from).join('\n').trim();
  return { head, fields: fieldsOf(head), body, bodyLine: first === -1 ? from + 1 : first + 1 };
}

function fieldsOf(head: LocatedMap): PageFields {
  const entries = head.entries.flatMap(({ key, value }) => {
    const field = fieldOf(value);
    return field === undefined ? [] : [[key, field] as const];
  });
  return Object.fromEntries(entries);
}

/** A value as an edit of the roadmap has it. Deeper ones are no fields: whoever checks the page says so. */
function fieldOf(node: LocatedNode): FieldValue | undefined {
  if (node.kind === 'scalar') {
    if (node.value === null) return undefined;
    return typeof node.value === 'string'
      ? node.value
      : typeof node.value === 'boolean'
        ? node.value
        : numberOf(node);
  }
  if (node.kind === 'list') return node.items.map((item) => (item.kind === 'scalar' ? scalarText(item) : ''));
  return Object.fromEntries(
    node.entries.map(({ key, value }) => [key, value.kind === 'scalar' ? numberOf(value) : '']),
  );
}

/** A version such as 1.10 stays the text that it is. */
function numberOf(node: LocatedNode & { kind: 'scalar' }): string | number {
  const text = scalarText(node);
  return typeof node.value === 'number' && String(node.value) === text ? node.value : text;
}
