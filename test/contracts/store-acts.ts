import fc from 'fast-check';
import type { Plan } from '../../src/core/roadmap/model.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { mayMove } from '../../src/core/tasks/states.ts';
import { Attempt, claimAny, id, planOf } from './store-kit.ts';

const MODES = ['hard', 'soft', 'skip'] as const;
export const SIZE = 5;

/** Edges go from higher to lower numbers only, so that there is no cycle; a gate holds the first tasks. */
export const plans = fc
  .record({
    modes: fc.array(fc.constantFrom(...MODES), { minLength: SIZE, maxLength: SIZE }),
    edges: fc.uniqueArray(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), {
      maxLength: 6,
      selector: ([a, b]) => `${Math.min(a, b)}<${Math.max(a, b)}`,
    }),
    gated: fc.integer({ min: 1, max: SIZE }),
    present: fc.array(fc.boolean(), { minLength: SIZE, maxLength: SIZE }),
  })
  .map(({ modes, edges, gated, present }): Plan => {
    const here = (index: number) => present[index] === true;
    const needs = (index: number) => [
      ...edges.flatMap(([a, b]) =>
        a !== b && Math.max(a, b) === index && here(Math.min(a, b)) ? [`t${Math.min(a, b)}`] : [],
      ),
      ...(index >= gated ? ['gate:first'] : []),
    ];
    const ids = Array.from({ length: SIZE }, (_, index) => index).filter(here);
    return planOf(
      Object.fromEntries(
        ids.map((index) => [
          `t${index}`,
          {
            onFailure: modes[index] ?? 'hard',
            needs: needs(index),
            // The gate is that of a plan, as in a roadmap.
            path: index < gated ? { plan: 'first' } : {},
          },
        ]),
      ),
      { first: ids.filter((index) => index < gated).map((index) => `t${index}`) },
    );
  });

export const acts = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'claim' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'start',
        'done',
        'done',
        'fail',
        'fail',
        'retry',
        'release',
        'ask',
        'merge',
        'bounce',
      ),
      which: fc.nat(SIZE - 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('skipped', 'cancelled', 'reset', 'reset', 'answered'),
      which: fc.nat(SIZE - 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sync' as const), plan: plans }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reclaim' } as const) },
);

export type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

/** Does it, if it may be done now. `held`: the attempts that are under way. */
export async function perform(store: Store, held: Map<string, Attempt>, act: Act): Promise<void> {
  if (act.kind === 'claim') {
    for (const claim of await claimAny(store, 2)) held.set(claim.task, new Attempt(store, claim));
    return;
  }
  if (act.kind === 'reclaim') {
    await store.reclaim(['orc_test']);
    held.clear();
    return;
  }
  if (act.kind === 'sync') return;
  const isOfPerson = ['skipped', 'cancelled', 'reset', 'answered'].includes(act.kind);
  // Acts of attempts fall on attempts that were begun, or most of them would do nothing.
  const begun = [...held.keys()];
  const name = id((isOfPerson ? undefined : begun[act.which % begun.length]) ?? `t${act.which}`);
  const task = await store.task(name);
  if (task === undefined) return;
  switch (act.kind) {
    case 'skipped':
    case 'cancelled':
    case 'reset':
    case 'answered': {
      const to = act.kind === 'reset' ? 'pending' : act.kind;
      if (act.kind === 'answered') {
        if (task.state !== 'waiting_input') return;
      } else if (task.state === 'archived' || !mayMove(task.state, to as 'pending')) return;
      await store.command(name, () => [
        act.kind === 'skipped'
          ? { type: 'task.skipped', task: name, reason: 'not needed' }
          : act.kind === 'answered'
            ? { type: 'task.answered', task: name, question: 'q', answer: 'yes', by: 'ann' }
            : act.kind === 'reset'
              ? { type: 'task.reset', task: name, by: 'ann' }
              : { type: 'task.cancelled', task: name, by: 'ann' },
      ]);
      return;
    }
    default:
  }
  const attempt = held.get(name);
  if (attempt === undefined) return;
  const { about } = attempt;
  const head = '1'.repeat(40) as never;
  switch (act.kind) {
    case 'start':
      if (task.state === 'claimed') await attempt.try(attempt.started());
      return;
    case 'merge':
      await attempt.try({ type: 'merge.queued', ...about, head, files: 1, insertions: 1, deletions: 0 });
      return;
    case 'bounce':
      if (task.state === 'merging') {
        await attempt.try({ type: 'merge.conflicted', ...about, files: [], others: [], bounce: 1 });
      }
      return;
    case 'ask':
      if (task.state === 'running') {
        const questions = [{ id: 'q', question: 'Really?' }];
        await attempt.try({ type: 'task.asked', ...about, step: 1, questions });
      }
      return;
    case 'done':
      await attempt.try(attempt.done());
      return;
    case 'fail':
      await attempt.try(attempt.failed());
      return;
    case 'retry':
      await attempt.try({
        type: 'task.retried',
        ...about,
        outcome: 'transient',
        reason: 'again',
        retryAt: 0,
        failures: task.failures + 1,
      });
      return;
    case 'release':
      await attempt.try({ type: 'task.released', ...about, reason: 'stopped' });
      return;
  }
}
