import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Repository } from '../../adapters/git/repository.ts';
import type { Project, RoadmapService } from '../../core/api/parts.ts';
import { providerOrder } from '../../core/config/provider.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type {
  AgentCli,
  Check,
  CliContext,
  DemoOptions,
  LoadedSettings,
  SetupService,
} from '../../surfaces/cli/context.ts';
import type { ExitCode } from '../../surfaces/cli/exit-codes.ts';
import { agentEnv } from '../agent-env.ts';

/** What the doctor and `cw init` look at. */
export interface SetupParts {
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly version: string;
  readonly root: () => Promise<string>;
  readonly loaded: () => Promise<LoadedSettings>;
  readonly project: () => Promise<Project>;
  readonly repository: () => Promise<Repository>;
  readonly store: () => Promise<Store>;
  readonly hasState: () => Promise<boolean>;
  readonly roadmap: RoadmapService;
}

export class LocalSetup implements SetupService {
  readonly #parts: SetupParts;

  constructor(parts: SetupParts) {
    this.#parts = parts;
  }

  async agentClis(): Promise<readonly AgentCli[]> {
    const { findOnPath } = await import('../../adapters/process/find-on-path.ts');
    const { config } = await this.#parts.loaded();
    const root = await this.#parts.root();
    const env = agentEnv(this.#parts.env);
    return providerOrder(config).flatMap((name) => {
      const provider = config.providers[name];
      if (provider === undefined) return [];
      const path = findOnPath(provider.command, { ...env, ...provider.env }, root);
      return path === undefined ? [] : [{ name, path }];
    });
  }

  async schemas(): Promise<{ readonly config: string; readonly roadmap: string }> {
    const directory = await schemaDirectory(import.meta.dirname);
    const read = (name: string) => readFile(join(directory, name), 'utf8');
    return { config: await read('config.schema.json'), roadmap: await read('roadmap.schema.json') };
  }

  async *checks(): AsyncIterable<Check> {
    const { doctorChecks } = await import('./doctor.ts');
    yield* doctorChecks(this.#parts);
  }

  async demo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
    const { runDemo } = await import('../demo.ts');
    return await runDemo(context, { ...options, env: this.#parts.env });
  }
}

/** `schema/` of the package, above this file in source and bundle alike. */
async function schemaDirectory(from: string): Promise<string> {
  const candidate = join(from, 'schema');
  const isThere = await readFile(join(candidate, 'config.schema.json')).then(
    () => true,
    () => false,
  );
  if (isThere) return candidate;
  const parent = dirname(from);
  if (parent === from) throw new Error('The schema directory of codewalk is missing: install it again');
  return await schemaDirectory(parent);
}
