import { type Actor, nameOf } from './actor.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** Pausing the whole project; tasks are paused with the other commands on tasks. */
export function pauseOperations(
  parts: ProjectParts,
  actor: Actor,
): Pick<ProjectApi, 'pauseProject' | 'resumeProject'> {
  const by = nameOf(actor);
  return {
    pauseProject: async ({ reason = '', now = false } = {}) =>
      await (await parts.store()).pauseProject({ by, reason: reason.trim(), now }),
    resumeProject: async () => {
      const store = await parts.store();
      const was = await store.resumeProject(by);
      const [{ ready }, orchestrators] = [await store.counts(), await store.orchestrators()];
      return { ...(was === undefined ? {} : { was }), ready, isAtWork: orchestrators.length > 0 };
    },
  };
}
