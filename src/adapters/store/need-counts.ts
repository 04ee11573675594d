import type { Plan } from '../../core/roadmap/model.ts';

/** How much each task and gate of the plan still waits for, when `finished` tasks are. Takes `finished` over. */
export function needCounts(
  plan: Plan,
  finished: Set<string>,
): { tasks: Map<string, number>; gates: Map<string, number> } {
  const count = (needs: readonly string[]) => {
    let pending = 0;
    for (const need of needs) if (!finished.has(need)) pending += 1;
    return pending;
  };
  const gates = new Map<string, number>();
  for (const { id, members } of plan.gates) gates.set(id, count(members));
  for (const [id, pending] of gates) if (pending === 0) finished.add(id);
  return { tasks: new Map(plan.tasks.map(({ definition, needs }) => [definition.id, count(needs)])), gates };
}
