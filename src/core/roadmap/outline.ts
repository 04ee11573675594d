import type { PlanGroup, Roadmap } from './model.ts';

/** A container of the roadmap without its tasks. */
export interface OutlinePart {
  readonly kind: 'initiative' | 'phase' | 'plan';
  readonly id: string;
  readonly title: string;
  readonly inserted?: true;
  readonly wave?: number;
  readonly parts: readonly OutlinePart[];
}

/** The hierarchy of a roadmap, without its tasks. */
export function outlineOf(roadmap: Roadmap): readonly OutlinePart[] {
  const plan = ({ id, title, wave }: PlanGroup): OutlinePart => ({
    kind: 'plan',
    id,
    title,
    ...(wave === undefined ? {} : { wave }),
    parts: [],
  });
  const phase = ({ id, title, inserted, plans }: Roadmap['phases'][number]): OutlinePart => ({
    kind: 'phase',
    id,
    title,
    ...(inserted ? { inserted } : {}),
    parts: plans.map(plan),
  });
  return [
    ...roadmap.initiatives.map(
      ({ id, title, phases, plans }): OutlinePart => ({
        kind: 'initiative',
        id,
        title,
        parts: [...phases.map(phase), ...plans.map(plan)],
      }),
    ),
    ...roadmap.phases.map(phase),
    ...roadmap.plans.map(plan),
  ];
}
