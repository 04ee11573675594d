import { present } from '../source/present.ts';
import { refreshed } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { StatusSource } from './ports.ts';

/** Reads the whole state of the project for the status screen and for the end of a run. */
export async function readStatus(parts: ProjectParts): Promise<StatusSource> {
  const [project, store] = [await parts.project(), await parts.store()];
  // Git works in a process of its own meanwhile.
  const delivery = parts.repository.pending();
  // Whoever awaits it gets the error; until then it must not count as unhandled.
  delivery.catch(() => {});
  const tasks = await store.tasks();
  const active = tasks.filter((task) => task.owner !== undefined);
  const steps = await Promise.all(active.map((task) => store.steps(task.id)));
  return {
    project: project.name,
    now: parts.now(),
    counts: await store.counts(),
    tasks,
    steps: steps.flatMap((each) => each.filter((step) => step.state === 'running').slice(-1)),
    orchestrators: await store.orchestrators(),
    heartbeatMs: (await parts.config()).lease.heartbeatMs,
    accounts: await store.accounts(),
    questions: await store.questions({ open: true }),
    ...present({
      maxWaiting: (await parts.config()).review.maxWaiting,
      paused: await store.pause(),
    }),
    delivery: await delivery,
  };
}

/** The same, with the store brought up to the roadmap file first. */
export async function freshStatus(parts: ProjectParts): Promise<StatusSource> {
  const warning = await refreshed(parts);
  await parts.repository.glanceAtProposal();
  return { ...(await readStatus(parts)), ...warning };
}
