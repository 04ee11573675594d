/** One running server: where it is found and what it is. Kept in a file that only its user can read. */
export interface ServerRecord {
  /** Names this life of it, for the event log. */
  readonly id: string;
  readonly pid: number;
  /** What the pid belongs to, so that a reused one is not taken for it. */
  readonly startTime: string;
  readonly bootId: string;
  /** Of Codewalk. */
  readonly version: string;
  /** The unix socket, absolute. */
  readonly socket: string;
  /** The port on loopback, when it was asked for. */
  readonly port?: number;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** A project that a server looks after. */
export interface ServedProject {
  /** The top of the checkout, absolute, with symbolic links resolved. */
  readonly root: string;
  /** Does the server work on its tasks? Else it only serves it. */
  readonly runs: boolean;
}

/** How a served project is. What is wrong with one is no matter of the others. */
export type ProjectState =
  /** It is opened, or opened again. */
  | { readonly kind: 'starting' }
  /** Its tasks are worked on. */
  | { readonly kind: 'running' }
  /** It is served, and its tasks are left alone. */
  | { readonly kind: 'serving' }
  /** Its orchestrator was asked to end, by `by`; `cw serve` in it starts another one. */
  | { readonly kind: 'ended'; readonly by: string }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly advice?: string;
      /** Epoch ms: when it is tried again. */
      readonly retryAt: number;
    };

export interface ProjectInfo extends ServedProject {
  readonly state: ProjectState;
  /** Epoch ms: since when it is in that state. */
  readonly since: number;
}

export interface ServerInfo extends ServerRecord {
  readonly uptimeMs: number;
  /** Requests that are being answered, streams of events among them; this one counts. */
  readonly calls: number;
  /** Of the whole process, bytes. */
  readonly memoryBytes: number;
  readonly projects: readonly ProjectInfo[];
}

/** What can be asked of a server itself, projects aside. Everything is safe for JSON. */
export interface ServerApi {
  info(): Promise<ServerInfo>;
  /** Looks after the project from now on, also after a restart; one that it has already takes `runs` over. */
  addProject(project: ServedProject): Promise<ProjectInfo>;
  /** Stops work on it and forgets it. Throws `UsageError` `UNKNOWN_PROJECT`. */
  removeProject(request: { readonly root: string }): Promise<void>;
  /** Returns at once; agents are stopped and work is saved before the process ends. */
  stop(request: { readonly reason: string }): Promise<void>;
}
