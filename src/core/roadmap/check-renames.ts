import { quoted } from '../source/problem.ts';
import type { Declared } from './declared.ts';
import { place } from './fields.ts';
import type { RoadmapProblems } from './problem.ts';

/** An id that an item had before cannot be in use still, unless its item has taken it over from another one. */
export function checkRenames({ ids, renames }: Declared, problems: RoadmapProblems): void {
  const renamed = new Set([...renames.values()].map(({ to }) => to));
  for (const [old, { to, at }] of renames) {
    const still = ids.get(old);
    if (still === undefined || old === to || renamed.has(old)) continue;
    problems.add(
      at,
      'bad-rename',
      `${quoted(to)} was ${quoted(old)}, but there still is a ${still.kind} ${quoted(old)} at ${problems.file}:${place(still.at)}.`,
      `Remove "was: ${old}", or the ${still.kind} ${quoted(old)}.`,
    );
  }
}
