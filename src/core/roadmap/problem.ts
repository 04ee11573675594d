import type { ProblemList, SourceProblem } from '../source/problem.ts';

/** Every way in which a roadmap can be wrong. The names are stable: tests and tools match on them. */
export type RoadmapProblemCode =
  // the text
  | 'too-large'
  | 'too-deep'
  | 'too-many-nodes'
  | 'encoding'
  | 'control-character'
  | 'merge-conflict'
  | 'syntax'
  | 'alias'
  | 'tag'
  | 'merge-key'
  | 'multiple-documents'
  | 'empty'
  // the shape
  | 'duplicate-key'
  | 'unknown-key'
  | 'wrong-type'
  | 'bad-value'
  | 'bad-id'
  | 'missing-id'
  | 'missing-prompt'
  | 'duplicate-id'
  | 'bad-rename'
  | 'no-tasks'
  // the dependencies
  | 'unknown-dependency'
  | 'self-dependency'
  | 'container-dependency'
  | 'cycle'
  | 'too-many-dependencies';

export type RoadmapProblem = SourceProblem<RoadmapProblemCode>;
export type RoadmapProblems = ProblemList<RoadmapProblemCode>;
