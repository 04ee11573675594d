import type { ParsedNode } from 'yaml';
import { type ParsedRoadmap, parseRoadmap } from '../../core/roadmap/parse.ts';
import type { RoadmapProblemCode, RoadmapProblems } from '../../core/roadmap/problem.ts';
import type { LocatedNode } from '../../core/source/located.ts';
import { ProblemList } from '../../core/source/problem.ts';
import { checkText } from './check-text.ts';
import { composeDocument } from './compose.ts';
import { decode } from './decode.ts';
import type { IncrementalParser } from './incremental.ts';
import { locatedTree } from './located-tree.ts';

/** Larger files are refused before they are looked at: 1 MiB is about 12,000 tasks. */
export const MOST_BYTES = 1_048_576;

export type ReadRoadmap = ParsedRoadmap & { readonly text: string };

/**
 * Reads the bytes of a roadmap file: a roadmap, or everything that is wrong with it, at once and in the order
 * of the file. Never throws for what is in the file, and takes time linear in its size: size, nesting and number
 * of nodes are bounded and aliases refused before a value is built. A `parser` that read an earlier version of the
 * file parses only what has changed since.
 */
export function readRoadmap(file: string, bytes: Uint8Array, parser?: IncrementalParser): ReadRoadmap {
  const { text, problems } = open(file, bytes);
  if (problems.size > 0) return { ...invalid(problems), text };
  const quick = parser?.parse(file, text);
  if (quick !== undefined) return { ...quick, text };
  const tree = compose(text, problems)?.tree;
  if (tree === undefined) return { ...invalid(problems), text };
  return { ...parseRoadmap(tree, { file, text }), text };
}

/** A roadmap with the document that it was read from, as far as there is one. */
export type LocatedRoadmap = ReadRoadmap & {
  readonly document: ParsedNode | null | undefined;
  readonly tree: LocatedNode | undefined;
};

/** The same with the document, for who edits it. */
export function locateRoadmap(file: string, bytes: Uint8Array): LocatedRoadmap {
  const { text, problems } = open(file, bytes);
  const composed = problems.size > 0 ? undefined : compose(text, problems);
  if (composed === undefined) return { ...invalid(problems), text, document: undefined, tree: undefined };
  return { ...parseRoadmap(composed.tree, { file, text }), text, ...composed };
}

function open(file: string, bytes: Uint8Array): { text: string; problems: RoadmapProblems } {
  if (bytes.byteLength > MOST_BYTES) {
    const problems: RoadmapProblems = new ProblemList<RoadmapProblemCode>(file, '');
    problems.add(
      { line: 1, col: 1 },
      'too-large',
      'The file is larger than 1 MiB.',
      'Remove finished tasks, or move long prompts into files that the tasks name.',
    );
    return { text: '', problems };
  }
  const { text, badAt } = decode(bytes);
  const problems: RoadmapProblems = new ProblemList<RoadmapProblemCode>(file, text);
  if (badAt === undefined) checkText(text, problems);
  else problems.add(badAt.at, 'encoding', badAt.message, 'Save the file as UTF-8.');
  return { text, problems };
}

function compose(
  text: string,
  problems: RoadmapProblems,
): { readonly document: ParsedNode | null; readonly tree: LocatedNode } | undefined {
  const composed = composeDocument(text, problems);
  if (composed === undefined || problems.size > 0) return undefined;
  const tree = locatedTree(composed, problems);
  return problems.size > 0 ? undefined : { document: composed.document.contents, tree };
}

function invalid(problems: RoadmapProblems): ParsedRoadmap {
  return { kind: 'invalid', problems: problems.sorted() };
}
