import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ProjectList } from '../../adapters/server-files/project-list.ts';
import { type Actor, reaches } from '../../core/api/actor.ts';
import type { HostedProject, ProjectHost } from '../../core/api/ports.ts';
import { UsageError } from '../../core/errors.ts';
import type { ProjectInfo, ServedProject } from '../../core/server/ports.ts';
import { type KeeperOptions, ProjectKeeper } from './project-keeper.ts';

/** The projects of a server: those that it had before, and those that people add and take away. */
export class ServedProjects implements ProjectHost {
  readonly #keepers = new Map<string, ProjectKeeper>();
  readonly #list: ProjectList;
  readonly #options: Omit<KeeperOptions, 'project'>;
  /** One change after the other: adding and removing the same project at once would leave two keepers of it. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(list: ProjectList, options: Omit<KeeperOptions, 'project'>) {
    this.#list = list;
    this.#options = options;
  }

  /** Takes up what an earlier server had. */
  start(projects: readonly ServedProject[]): void {
    for (const project of projects) this.#keep(project);
  }

  infos(): readonly ProjectInfo[] {
    return [...this.#keepers.values()].map((keeper) => keeper.info());
  }

  async open(root: string | undefined, actor: Actor): Promise<HostedProject> {
    // What an actor does not reach is not there for it: the answer tells nothing of other projects.
    const reached = [...this.#keepers].flatMap(([each, keeper]) => (reaches(actor, each) ? keeper : []));
    if (root !== undefined) return (reaches(actor, root) ? this.#keeper(root) : unknown(root)).hosted;
    const [only, ...others] = reached;
    if (only !== undefined && others.length === 0) return only.hosted;
    throw new UsageError(
      'UNKNOWN_PROJECT',
      only === undefined ? 'The server has no project' : `Which of ${others.length + 1} projects?`,
      {
        advice:
          'Name its root in the header Codewalk-Project or as ?project=; cw server projects lists them.',
      },
    );
  }

  /** Throws `UsageError` `NOT_A_PROJECT` for what is no top of a checkout. */
  add(project: ServedProject): Promise<ProjectInfo> {
    return this.#change(async () => {
      const root = checkedRoot(project.root);
      const keeper = this.#keepers.get(root);
      if (keeper === undefined) this.#keep({ ...project, root });
      else await keeper.restart(project.runs);
      this.#save();
      return this.#keeper(root).info();
    });
  }

  remove(root: string): Promise<void> {
    return this.#change(async () => {
      const keeper = this.#keeper(root);
      this.#keepers.delete(root);
      this.#save();
      await keeper.halt('the project was taken out');
      await keeper.close();
    });
  }

  /** Stops the agents of all, with their work saved; what is stored can still be read. The list stays as it is. */
  async halt(reason: string): Promise<void> {
    await this.#change(async () => {
      await Promise.all([...this.#keepers.values()].map((keeper) => keeper.halt(reason)));
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.close()));
  }

  #keep(project: ServedProject): void {
    this.#keepers.set(project.root, new ProjectKeeper({ ...this.#options, project }));
  }

  #keeper(root: string): ProjectKeeper {
    const keeper = this.#keepers.get(root);
    return keeper ?? unknown(root);
  }

  #save(): void {
    this.#list.write(this.infos());
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#changes.then(work);
    this.#changes = next.catch(() => undefined);
    return next;
  }
}

function unknown(root: string): never {
  throw new UsageError('UNKNOWN_PROJECT', `The server does not look after ${root}`, {
    advice: 'Add it with cw serve, started in that directory.',
  });
}

function checkedRoot(given: string): string {
  if (isAbsolute(given) && existsSync(join(given, '.git'))) return realpathSync(given);
  throw new UsageError('NOT_A_PROJECT', `${given} is not the top of a git checkout`, {
    advice: 'Start cw serve inside of the project.',
  });
}
