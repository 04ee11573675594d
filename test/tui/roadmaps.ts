import fc from 'fast-check';
import type { Plan } from '../../src/core/roadmap/model.ts';
import type { OutlinePart } from '../../src/core/roadmap/outline.ts';
import { SIZE } from '../contracts/store-acts.ts';
import { planOf, renamed } from '../contracts/store-kit.ts';

/** A roadmap with containers, as its file would say. */
export interface Drawn {
  readonly plan: Plan;
  readonly outline: readonly OutlinePart[];
}

/** Where a task may stand, from what comes first on: nothing waits for what stands behind it. */
const PLACES = ['first-wave', 'second-wave', 'inserted', 'initiative', 'nowhere'] as const;
type Place = (typeof PLACES)[number];

/**
 * Two plans in waves of a phase, a phase that was pushed in behind it, an initiative around them or not, tasks inside
 * and outside, in any order and some under other names.
 */
export const roadmaps: fc.Arbitrary<Drawn> = fc
  .record({
    order: fc.shuffledSubarray([...Array(SIZE).keys()]),
    places: fc
      .array(fc.nat(PLACES.length - 1), { minLength: SIZE, maxLength: SIZE })
      .map((list) => list.sort((a, b) => a - b).map((at) => PLACES[at] ?? 'nowhere')),
    edges: fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 5 }),
    modes: fc.array(fc.constantFrom('hard', 'soft', 'skip'), { minLength: SIZE, maxLength: SIZE }),
    isWrapped: fc.boolean(),
    title: fc.constantFrom('Walls', 'Roof'),
    renamed: fc.option(fc.nat(SIZE - 1), { nil: undefined, freq: 3 }),
  })
  .map(({ order, places, edges, modes, isWrapped, title, renamed: other }): Drawn => {
    const name = (index: number): string => (index === other ? `r${index}` : `t${index}`);
    const initiative = isWrapped ? { initiative: 'i' } : {};
    const paths: Readonly<Record<Place, Plan['tasks'][number]['definition']['path']>> = {
      'first-wave': { ...initiative, phase: '1', plan: 'p' },
      'second-wave': { ...initiative, phase: '1', plan: 'q' },
      inserted: { ...initiative, phase: '1.1' },
      initiative,
      nowhere: {},
    };
    const needs = (index: number): string[] => [
      ...new Set(
        edges.flatMap(([a, b]) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          return from !== to && to === index && order.includes(from) ? [name(from)] : [];
        }),
      ),
      ...(places[index] === 'second-wave' ? ['gate:1#2'] : []),
      ...(places[index] === 'inserted' ? ['gate:1'] : []),
    ];
    const tasks = Object.fromEntries(
      order.map((index) => {
        const place = places[index] ?? 'nowhere';
        return [name(index), { needs: needs(index), path: paths[place], onFailure: modes[index] ?? 'hard' }];
      }),
    );
    const standing = (...wanted: readonly Place[]): string[] =>
      order.filter((index) => wanted.includes(places[index] ?? 'nowhere')).map(name);
    const plan = planOf(tasks, {
      '1#2': standing('first-wave'),
      '1': standing('first-wave', 'second-wave'),
    });
    const was = Object.fromEntries(
      order.map((index) => [name(index), [index === other ? `t${index}` : `r${index}`]]),
    );
    const wave = (id: string, number: number): OutlinePart => ({
      ...{ kind: 'plan', id, title: `${title} ${id}`, parts: [] },
      wave: number,
    });
    const phases: readonly OutlinePart[] = [
      { kind: 'phase', id: '1', title, parts: [wave('p', 1), wave('q', 2)] },
      { kind: 'phase', id: '1.1', title: 'Pushed in', inserted: true, parts: [] },
    ];
    return {
      plan: renamed(plan, was),
      outline: isWrapped ? [{ kind: 'initiative', id: 'i', title: 'I', parts: phases }] : phases,
    };
  });
