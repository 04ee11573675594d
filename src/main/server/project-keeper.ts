import type { HostedProject } from '../../core/api/ports.ts';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { ProjectInfo, ProjectState, ServedProject, ServerRecord } from '../../core/server/ports.ts';
import { failuresInRow, retryPauseMs } from '../../core/server/retry-pause.ts';
import type { Composed } from '../compose.ts';

export interface KeeperOptions {
  readonly project: ServedProject;
  readonly server: Pick<ServerRecord, 'id' | 'pid' | 'version'>;
  /** Makes the services for one directory; opens nothing yet. */
  open(root: string): Composed;
  readonly clock: Clock;
  log(line: string): void;
}

/** What keeps the project, for who asks. */
const SERVER = 'cw serve';

/**
 * Looks after one project as long as a server has it: works on its tasks as `cw run --watch` does, or only keeps it
 * open. What goes wrong stays here: it is a state, and it is tried again with everything opened anew, so that what a
 * person has mended meanwhile counts.
 */
export class ProjectKeeper {
  readonly root: string;
  readonly #options: KeeperOptions;
  #runs: boolean;
  #services: Composed;
  #state: ProjectState = { kind: 'starting' };
  #since: number;
  #isAnnounced = false;
  #stop = new AbortController();
  #loop: Promise<void>;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.root = options.project.root;
    this.#runs = options.project.runs;
    this.#since = options.clock.now();
    this.#services = options.open(this.root);
    this.#loop = this.#keep(this.#stop.signal);
  }

  /** For whoever asks for it from outside. After a failure it is another one. */
  get hosted(): HostedProject {
    return this.#services.hosted;
  }

  info(): ProjectInfo {
    return { root: this.root, runs: this.#runs, state: this.#state, since: this.#since };
  }

  /** Begins again: at once after a failure, and also after somebody has ended the work. */
  async restart(runs: boolean): Promise<void> {
    if (runs === this.#runs && (this.#state.kind === 'running' || this.#state.kind === 'serving')) return;
    await this.#halt();
    this.#runs = runs;
    this.#stop = new AbortController();
    this.#loop = this.#keep(this.#stop.signal);
  }

  /** Stops the agents, with their work saved. What is stored can still be read. */
  async halt(reason: string): Promise<void> {
    await this.#halt();
    if (!this.#isAnnounced) return;
    const { id: server } = this.#options.server;
    await this.#try(async () => {
      await (await this.#services.store()).log([{ type: 'server.stopped', server, reason }]);
    });
  }

  async close(): Promise<void> {
    await this.#try(() => this.#services[Symbol.asyncDispose]());
  }

  async #halt(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      this.#become({ kind: 'starting' });
      const startedAt = clock.steady();
      try {
        await this.#work(signal);
        return;
      } catch (error) {
        failures = failuresInRow(failures, clock.steady() - startedAt);
        const pauseMs = retryPauseMs(failures);
        this.#fail(error, pauseMs);
        await clock.sleep(pauseMs, signal);
      }
      await this.#reopen();
    }
  }

  /** Returns when it was ended on purpose. */
  async #work(signal: AbortSignal): Promise<void> {
    await this.#announce();
    const onNotice = (message: string) => this.#say(message);
    if (!this.#runs) {
      await using _files = await this.#services.files.keep({ what: SERVER, onNotice });
      // Clients from outside work here as well, and they fail, and finish.
      await using _notices = await this.#services.notices.start(onNotice);
      this.#become({ kind: 'serving' });
      await aborted(signal);
      return;
    }
    const { stoppedBy } = await this.#services.runs.run({
      roadmap: true,
      watch: true,
      what: SERVER,
      signal,
      onEvents: () => {
        if (this.#state.kind === 'starting') this.#become({ kind: 'running' });
      },
      onNotice,
    });
    if (!signal.aborted) this.#become({ kind: 'ended', by: stoppedBy ?? 'itself' });
  }

  /** Once in the life of a server, as soon as there is a store to write it into. */
  async #announce(): Promise<void> {
    if (this.#isAnnounced) return;
    const { id: server, pid, version } = this.#options.server;
    await (await this.#services.store()).log([{ type: 'server.started', server, pid, version }]);
    this.#isAnnounced = true;
  }

  async #reopen(): Promise<void> {
    const old = this.#services;
    this.#services = this.#options.open(this.root);
    await this.#try(() => old[Symbol.asyncDispose]());
  }

  #fail(error: unknown, pauseMs: number): void {
    const code = error instanceof CodewalkError ? error.code : 'UNEXPECTED';
    const advice = error instanceof CodewalkError ? error.advice : undefined;
    const message = messageOf(error);
    const retryAt = this.#options.clock.now() + pauseMs;
    this.#become({ kind: 'failed', code, message, retryAt, ...(advice === undefined ? {} : { advice }) });
    const again = `tried again in ${Math.round(pauseMs / 1_000)} s`;
    this.#say([`failed: ${message}`, advice, again].filter((part) => part !== undefined).join(' · '));
  }

  #become(state: ProjectState): void {
    this.#state = state;
    this.#since = this.#options.clock.now();
    if (state.kind !== 'failed' && state.kind !== 'starting') {
      this.#say(state.kind === 'ended' ? `ended by ${state.by}` : state.kind);
    }
  }

  /** What fails on the way out holds nobody up. */
  async #try(work: () => PromiseLike<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#say(messageOf(error));
    }
  }

  #say(line: string): void {
    this.#options.log(`${this.root}: ${line}`);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
