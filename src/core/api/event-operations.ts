import type { EventType } from '../events/event.ts';
import type { TaskId } from '../ids.ts';
import { parseTaskId } from '../parse-task-id.ts';
import type { ProjectParts } from './parts.ts';
import type { EventsAfter, ProjectApi } from './ports.ts';

/** More than this comes in several calls. */
const MOST_EVENTS = 1_000;

/** The log of the project, as it is and as it grows. */
export function eventOperations(parts: ProjectParts): Pick<ProjectApi, 'events' | 'head' | 'follow'> {
  return {
    events: async ({ after, limit = MOST_EVENTS, ...filter }) =>
      await (await parts.store()).events(after, {
        ...filterOf(filter),
        limit: Math.min(limit, MOST_EVENTS),
      }),
    head: async () => await (await parts.store()).head(),
    follow: async function* ({ after, ...filter }, signal) {
      yield* (await parts.bus()).subscribe({ ...filterOf(filter), after, until: signal });
    },
  };
}

function filterOf({ task, types }: Omit<EventsAfter, 'after'>): {
  task?: TaskId;
  types?: readonly EventType[];
} {
  return {
    ...(task === undefined ? {} : { task: parseTaskId(task) }),
    ...(types === undefined ? {} : { types }),
  };
}
