import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines, warnAboutRoadmap } from '../print.ts';
import { renderStatus, type StatusSource, statusJson } from '../views/status.ts';

export const status: Action = async (context) => {
  await warnAboutRoadmap(context);
  const source = await readStatus(context);
  if (context.json) printJson(context, statusJson(source));
  else printLines(context, renderStatus(source, { width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};

/** Reads the whole state of the project for the status screen and for the end of a run. */
export async function readStatus(context: CliContext): Promise<StatusSource> {
  const { services } = context;
  const [project, store] = [await services.project(), await services.store()];
  // Git works in a process of its own meanwhile.
  const delivery = services.repository.pending();
  // Whoever awaits it gets the error; until then it must not count as unhandled.
  delivery.catch(() => {});
  const tasks = await store.tasks();
  const active = tasks.filter((task) => task.owner !== undefined);
  const steps = await Promise.all(active.map((task) => store.steps(task.id)));
  return {
    project: project.name,
    now: services.now(),
    counts: await store.counts(),
    tasks,
    steps: steps.flatMap((each) => each.filter((step) => step.state === 'running').slice(-1)),
    orchestrators: await store.orchestrators(),
    heartbeatMs: (await services.config()).lease.heartbeatMs,
    accounts: await store.accounts(),
    questions: await store.questions({ open: true }),
    delivery: await delivery,
  };
}
