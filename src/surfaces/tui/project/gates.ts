import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import type { Task } from '../../../core/tasks/task.ts';

/** A gate is a node too: all of a container or of the waves before one. */
export type Gates = ReadonlyMap<string, readonly string[]>;

/**
 * The members of the gates that tasks wait for: `gate:<container>` is all of it, `gate:<parent>#<wave>` what is in the
 * plans of the waves before that one.
 */
export function gatesOf(tasks: readonly Task[], outline: readonly OutlinePart[]): Gates {
  const wanted = new Set<string>();
  for (const task of tasks) for (const need of task.needs) if (need.startsWith('gate:')) wanted.add(need);
  if (wanted.size === 0) return new Map();
  const members = new Map<string, string[]>();
  for (const { id, definition } of tasks) {
    const { initiative, phase, plan } = definition.path;
    for (const container of [initiative, phase, plan]) {
      if (container === undefined) continue;
      const list = members.get(container);
      if (list === undefined) members.set(container, [id]);
      else list.push(id);
    }
  }
  const waves = wavesOf(outline);
  return new Map(
    [...wanted].sort().map((gate) => {
      const name = gate.slice('gate:'.length);
      const [, parent, wave] = /^(.*)#(\d+(?:\.\d+)?)$/.exec(name) ?? [];
      const plans =
        parent === undefined
          ? [name]
          : (waves.get(parent) ?? []).filter((each) => each.wave < Number(wave)).map(({ plan }) => plan);
      return [gate, plans.flatMap((plan) => members.get(plan) ?? [])];
    }),
  );
}

/** The plans that stand in a wave, by the id of what they stand in; '' for the roadmap itself. */
function wavesOf(outline: readonly OutlinePart[]): Map<string, { plan: string; wave: number }[]> {
  const waves = new Map<string, { plan: string; wave: number }[]>();
  const walk = (parts: readonly OutlinePart[], parent: string) => {
    for (const { id, wave, parts: inner } of parts) {
      if (wave !== undefined) waves.set(parent, [...(waves.get(parent) ?? []), { plan: id, wave }]);
      walk(inner, id);
    }
  };
  walk(outline, '');
  return waves;
}
