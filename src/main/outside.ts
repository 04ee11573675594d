import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import { OutsideWorkers } from '../core/outside/outside-workers.ts';
import type { OutsideWork } from '../core/outside/ports.ts';
import { boot } from './boot.ts';
import { type OpenProject, openWorkshop } from './run.ts';

/** A claim is an orchestrator with one slot. */
const SLOTS = 1;

/** The way to a project's tasks for clients that this process serves. Disposing gives back what they hold. */
export async function openOutside(options: {
  project: OpenProject;
  version: string;
  env: NodeJS.ProcessEnv;
  onNotice: (message: string) => void;
}): Promise<OutsideWork & AsyncDisposable> {
  const { project, version, env, onNotice } = options;
  const { store, config } = project;
  const signal = new AbortController().signal;
  const workshop = await openWorkshop({ project, version, env, onNotice, signal, maxAgents: SLOTS });
  const workers = new OutsideWorkers({
    ...{ store, config, clock: systemClock, ids: systemIds, onNotice },
    register: async (id) => {
      await boot(store, { id, version, maxAgents: SLOTS, leaseMs: config.lease.leaseMs });
    },
    engine: async (orchestrator, tenure, crewOf) => {
      const engine = workshop.engine(tenure, orchestrator);
      return { ...engine, crew: crewOf(engine.crew) };
    },
  });
  const all = new AsyncDisposableStack();
  all.use(workshop);
  all.use(workers);
  return {
    claim: (...wish) => workers.claim(...wish),
    complete: (...done) => workers.complete(...done),
    fail: (...given) => workers.fail(...given),
    keep: (...which) => workers.keep(...which),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
