import type { RoadmapProblem, RoadmapProblemCode, RoadmapProblems } from '../../core/roadmap/problem.ts';
import type { LocatedNode } from '../../core/source/located.ts';
import { ProblemList } from '../../core/source/problem.ts';
import { composeDocument } from './compose.ts';
import { locatedTree } from './located-tree.ts';

/** Reads the front matter of a page, under the rules of a roadmap: bounded, and without aliases, tags and merge keys. */
export function readFrontMatter(
  file: string,
  text: string,
):
  | { readonly kind: 'read'; readonly tree: LocatedNode | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly RoadmapProblem[] } {
  const problems: RoadmapProblems = new ProblemList<RoadmapProblemCode>(file, text);
  const composed = composeDocument(text, problems);
  const tree = composed === undefined || problems.size > 0 ? undefined : locatedTree(composed, problems);
  return problems.size > 0 ? { kind: 'invalid', problems: problems.sorted() } : { kind: 'read', tree };
}
