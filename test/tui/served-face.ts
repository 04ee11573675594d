import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_PERSON } from '../../src/core/api/actor.ts';
import type { HostedProject, ProjectApi } from '../../src/core/api/ports.ts';
import { apiRoutes } from '../../src/surfaces/api/api-routes.ts';
import { EventStreams } from '../../src/surfaces/api/event-stream.ts';
import { HttpFront } from '../../src/surfaces/api/http-front.ts';
import { remoteProject } from '../../src/surfaces/api/remote-project.ts';
import type { StoredProject } from './stored-project.ts';

/** What can happen between a face and the project that it shows. */
export const CUTS = ['server', 'streams', 'database', 'restored', 'restored-unseen'] as const;
export type Cut = (typeof CUTS)[number];

/** A project behind the front of a server, on a socket, of which anything may break and come back. */
export class ServedProject implements AsyncDisposable {
  readonly api: ProjectApi;
  readonly #project: StoredProject;
  readonly #directory = mkdtempSync(join(tmpdir(), 'cw-served-'));
  #streams = new EventStreams();
  #front: Promise<Pick<HttpFront<typeof LOCAL_PERSON>, typeof Symbol.asyncDispose>> | undefined;
  #isAway = false;

  private constructor(project: StoredProject) {
    this.#project = project;
    this.api = remoteProject({ socket: join(this.#directory, 's'), token: 'person', project: project.root });
  }

  static async open(project: StoredProject): Promise<ServedProject> {
    const served = new ServedProject(project);
    await served.#begin();
    return served;
  }

  /** Breaks something; `mend` makes it whole. */
  async cut(cut: Cut): Promise<void> {
    switch (cut) {
      case 'server':
        await this.#end();
        return;
      case 'streams':
        this.#streams[Symbol.dispose]();
        return;
      case 'database':
        this.#isAway = true;
        this.#streams[Symbol.dispose]();
        return;
      case 'restored':
        await this.#project.restore();
        return;
      case 'restored-unseen':
        await this.#end();
        await this.#project.restore();
        return;
    }
  }

  async mend(): Promise<void> {
    this.#isAway = false;
    if (this.#front === undefined) await this.#begin();
  }

  async #begin(): Promise<void> {
    const streams = new EventStreams();
    this.#streams = streams;
    const project = this.#project.hosted(() => this.#isAway);
    const hosted: HostedProject = { as: (actor) => project.as(actor), bus: () => project.bus() };
    const front = new HttpFront({
      authenticate: () => LOCAL_PERSON,
      routes: apiRoutes({ host: { open: async () => hosted }, streams, onError: () => {} }),
      onError: () => {},
    });
    this.#front = front.listenOnSocket(join(this.#directory, 's')).then(() => front);
    await this.#front;
  }

  async #end(): Promise<void> {
    this.#streams[Symbol.dispose]();
    await (await this.#front)?.[Symbol.asyncDispose]();
    this.#front = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
