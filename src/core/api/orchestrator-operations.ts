import { UsageError } from '../errors.ts';
import { present } from '../source/present.ts';
import type { OrchestratorRecord } from '../tasks/task.ts';
import { type Actor, nameOf } from './actor.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** Who works on the project, and asking one to end. */
export function orchestratorOperations(
  parts: ProjectParts,
  actor: Actor,
): Pick<ProjectApi, 'orchestrators' | 'dismiss'> {
  const list = async (lost: boolean): Promise<readonly OrchestratorRecord[]> =>
    (await parts.hasState()) ? await (await parts.store()).orchestrators({ lost }) : [];
  return {
    orchestrators: async ({ lost = false } = {}) => ({
      orchestrators: await list(lost),
      heartbeatMs: (await parts.config()).lease.heartbeatMs,
      ...present({ paused: (await parts.hasState()) ? await (await parts.store()).pause() : undefined }),
    }),
    dismiss: async ({ id: text }) => {
      const { id } = find(text, await list(false));
      if (!(await (await parts.store()).dismiss(id, nameOf(actor)))) throw unknown(id);
      return { id };
    },
  };
}

/** The one at work whose id is, or begins with, `text`. */
function find(text: string, list: readonly OrchestratorRecord[]): OrchestratorRecord {
  const exact = list.find(({ id }) => id === text);
  if (exact !== undefined) return exact;
  const found = list.filter(({ id }) => id.startsWith(text));
  const [only] = found;
  if (only === undefined) throw unknown(text);
  if (found.length === 1) return only;
  throw new UsageError('AMBIGUOUS_ID', `${found.length} orchestrators begin with "${text}"`, {
    advice: `Say which: ${found.map(({ id }) => id).join(', ')}.`,
  });
}

function unknown(id: string): UsageError {
  return new UsageError('UNKNOWN_ORCHESTRATOR', `No orchestrator "${id}" is at work`, {
    advice: 'cw orchestrators shows them.',
  });
}
