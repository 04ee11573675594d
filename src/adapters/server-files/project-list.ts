import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../../core/errors.ts';
import type { ServedProject } from '../../core/server/ports.ts';
import { replace } from './server-record.ts';

const projectList = z.strictObject({
  projects: z.array(z.strictObject({ root: z.string().startsWith('/'), runs: z.boolean() })),
});

/** The projects of a server, for its next start. Only the one that holds the lock writes it. */
export class ProjectList {
  readonly #path: string;

  constructor(runDirectory: string) {
    this.#path = join(runDirectory, 'projects.json');
  }

  /** Throws `UsageError` `PROJECTS_UNREADABLE` for a file that was changed into something else. */
  read(): readonly ServedProject[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      return projectList.parse(JSON.parse(text)).projects;
    } catch (cause) {
      throw new UsageError('PROJECTS_UNREADABLE', `${this.#path} is no list of projects`, {
        advice: 'Move it away, and add the projects again: cw serve in each of them.',
        cause,
      });
    }
  }

  write(projects: readonly ServedProject[]): void {
    const list = projects.map(({ root, runs }) => ({ root, runs }));
    replace(this.#path, `${JSON.stringify({ projects: list }, null, 2)}\n`);
  }
}
