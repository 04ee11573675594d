import { KnownTasks } from '../../core/roadmap/known-tasks.ts';
import { type ParsedRoadmap, parseRoadmap } from '../../core/roadmap/parse.ts';
import type { RoadmapProblemCode } from '../../core/roadmap/problem.ts';
import type { LocatedList, LocatedNode, Position } from '../../core/source/located.ts';
import { ProblemList } from '../../core/source/problem.ts';
import { composeDocument, MOST_DEPTH, MOST_NODES } from './compose.ts';
import { locatedTree } from './located-tree.ts';
import { type Split, type SplitList, splitItems, standIn } from './split-items.ts';

/** A part of the text, parsed by itself. Lines count from the beginning of the part. */
interface Part {
  readonly node: LocatedNode;
  readonly nodes: number;
  readonly depth: number;
}

/** A tree made of parts. */
interface Assembled {
  /** Items keep the places of their own part. */
  readonly loose: LocatedNode;
  /** The same with every place as it is in the text. */
  placed(): LocatedNode;
}

/**
 * Parses versions of one text, and of each only the items that no earlier version had. What it says is what a parse
 * of the whole text says: items are parsed alone only where indentation proves that they stand alone, and as soon
 * as anything is wrong the text is left to the whole parse.
 */
export class IncrementalParser {
  #items = new Map<string, Part>();
  #skeleton: { readonly text: string; readonly part: Part } | undefined;
  readonly #known = new KnownTasks();

  /** The roadmap in `text`; `undefined` when only a parse of the whole text can tell. */
  parse(file: string, text: string): ParsedRoadmap | undefined {
    const assembled = this.#assemble(text);
    if (assembled === undefined) return undefined;
    const quick = parseRoadmap(assembled.loose, { file, text }, this.#known);
    return quick.kind === 'valid' ? quick : parseRoadmap(assembled.placed(), { file, text });
  }

  #assemble(text: string): Assembled | undefined {
    const split = splitItems(text);
    if (split === undefined) return undefined;
    const skeleton =
      this.#skeleton?.text === split.skeleton ? this.#skeleton.part : parsePart(split.skeleton);
    if (skeleton === undefined) return undefined;
    this.#skeleton = { text: split.skeleton, part: skeleton };
    const items = new Map<string, Part>();
    const lists: (readonly Part[])[] = [];
    let { nodes } = skeleton;
    let depth = 0;
    for (const list of split.lists) {
      const parts: Part[] = [];
      for (const { start, end } of list.items) {
        const source = text.slice(start, end);
        const part = items.get(source) ?? this.#items.get(source) ?? parseItem(source, list.dash);
        if (part === undefined) return undefined;
        // Under the slice of this text: those of older texts would keep the whole of them in memory.
        items.set(source, part);
        nodes += part.nodes;
        if (nodes > MOST_NODES) return undefined;
        depth = Math.max(depth, part.depth);
        parts.push(part);
      }
      lists.push(parts);
    }
    this.#items = items;
    if (skeleton.depth + depth > MOST_DEPTH) return undefined;
    const loose = fill(skeleton.node, split, (list) => lists[list]?.map((part) => part.node) ?? []);
    if (loose === undefined) return undefined;
    return {
      loose,
      placed: () =>
        fill(
          skeleton.node,
          split,
          (list) =>
            lists[list]?.map((part, i) => moved(part.node, split.lists[list]?.items[i]?.line ?? 1)) ?? [],
        ) ?? loose,
    };
  }
}

function parsePart(text: string): Part | undefined {
  const problems = new ProblemList<RoadmapProblemCode>('', text);
  const composed = composeDocument(text, problems);
  if (composed === undefined) return undefined;
  const node = locatedTree(composed, problems);
  return problems.size > 0 ? undefined : { node, ...composed.size };
}

/** The one item in a text that is a list of it alone. */
function parseItem(text: string, dash: number): Part | undefined {
  const part = parsePart(text);
  if (part?.node.kind !== 'list' || part.node.items.length !== 1) return undefined;
  const { at, items } = part.node;
  const [node] = items;
  if (node === undefined || at.line !== 1 || at.col !== dash + 1) return undefined;
  // The list itself is counted with the skeleton.
  return { ...part, node };
}

/**
 * The tree of the skeleton with the items in their lists and its places as they are in the text. `undefined` unless
 * each stand-in is exactly where it was put, as the only item of a block list.
 */
function fill(
  root: LocatedNode,
  { lists, lines }: Split,
  itemsOf: (list: number) => readonly LocatedNode[],
): LocatedNode | undefined {
  const byLine = new Map(lists.map((list, number) => [list.skeletonLine, { list, number }]));
  let found = 0;

  const place = ({ line, col }: Position): Position => ({ line: lines[line] ?? line, col });
  const walk = (node: LocatedNode): LocatedNode => {
    const at = place(node.at);
    if (node.kind === 'scalar') return { ...node, at };
    if (node.kind === 'map') {
      const entries = node.entries.map(({ key, keyAt, value }) => ({
        key,
        keyAt: place(keyAt),
        value: walk(value),
      }));
      return { kind: 'map', at, entries };
    }
    const here = byLine.get(node.at.line);
    if (here === undefined || !isStandIn(node, here)) {
      return { kind: 'list', at, items: node.items.map(walk) };
    }
    found++;
    return { kind: 'list', at, items: itemsOf(here.number) };
  };

  const filled = walk(root);
  return found === lists.length ? filled : undefined;
}

function isStandIn(node: LocatedList, { list, number }: { list: SplitList; number: number }): boolean {
  const [item] = node.items;
  return (
    node.items.length === 1 &&
    item?.kind === 'scalar' &&
    item.value === standIn(number) &&
    item.at.line === list.skeletonLine &&
    item.at.col === list.dash + 3 &&
    // A list in brackets begins at its bracket.
    node.at.line === list.skeletonLine &&
    node.at.col === list.dash + 1
  );
}

/** The same tree with its first line at `line`. */
function moved(node: LocatedNode, line: number): LocatedNode {
  if (line === 1) return node;
  const place = (at: Position): Position => ({ line: at.line + line - 1, col: at.col });
  const walk = (each: LocatedNode): LocatedNode => {
    const at = place(each.at);
    if (each.kind === 'scalar') return { ...each, at };
    if (each.kind === 'list') return { kind: 'list', at, items: each.items.map(walk) };
    const entries = each.entries.map(({ key, keyAt, value }) => ({
      key,
      keyAt: place(keyAt),
      value: walk(value),
    }));
    return { kind: 'map', at, entries };
  };
  return walk(node);
}
