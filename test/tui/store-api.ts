import { LOCAL_PERSON } from '../../src/core/api/actor.ts';
import { LocalProject } from '../../src/core/api/local-project.ts';
import type { ProjectParts } from '../../src/core/api/parts.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import { resolveConfig } from '../../src/core/config/resolve.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import type { Store } from '../../src/core/tasks/ports.ts';

/** The real API of a project that is only a store: no repository; no roadmap file and no logs but those in `more`. */
export function apiOf(store: Store, more: Partial<ProjectParts> = {}): ProjectApi {
  return projectOf(store, more).as(LOCAL_PERSON);
}

/** The same, for anybody. */
export function projectOf(store: Store, more: Partial<ProjectParts> = {}): LocalProject {
  const resolved = resolveConfig([]);
  if (resolved.kind === 'invalid') throw new Error('The built-in config is invalid');
  const bus = new LogBus(store);
  const parts: Partial<ProjectParts> = {
    now: () => Date.now(),
    next: (prefix) => `${prefix}_1`,
    project: async () => ({
      root: '/p',
      name: 'p',
      roadmapPath: '/p/roadmap.yaml',
      stateDirectory: '/p/state',
      logsDirectory: '/p/logs',
    }),
    config: async () => resolved.config,
    store: async () => store,
    bus: async () => bus,
    hasState: async () => true,
    refresh: async () => undefined,
    roadmap: { outline: async () => undefined } as Partial<
      ProjectParts['roadmap']
    > as ProjectParts['roadmap'],
    repository: {
      pending: async () => undefined,
      glanceAtProposal: async () => {},
    } as Partial<ProjectParts['repository']> as ProjectParts['repository'],
    ...more,
  };
  return new LocalProject(parts as ProjectParts);
}

/** The same, over a connection that can be cut: every call and every stream fails from then on until it is mended. */
export function cuttable(api: ProjectApi): { api: ProjectApi; cut(): void; mend(): void } {
  let broken = new AbortController();
  let isCut = false;
  const calls = Object.entries(api).map(([name, call]) => [
    name,
    async (input: unknown) => {
      const { signal } = broken;
      signal.throwIfAborted();
      const answer = await (call as (input: unknown) => Promise<unknown>)(input);
      signal.throwIfAborted();
      return answer;
    },
  ]);
  const follow: ProjectApi['follow'] = async function* (after, signal) {
    const cut = broken.signal;
    cut.throwIfAborted();
    for await (const batch of api.follow(after, AbortSignal.any([signal, cut]))) {
      cut.throwIfAborted();
      yield batch;
    }
    cut.throwIfAborted();
  };
  return {
    api: { ...Object.fromEntries(calls), follow },
    cut: () => {
      isCut = true;
      broken.abort(new Error('the connection is cut'));
    },
    mend: () => {
      if (isCut) broken = new AbortController();
      isCut = false;
    },
  };
}
