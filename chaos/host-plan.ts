import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigFile } from '../src/core/config/schema.ts';
import { cw, type RunningCw, spawnCw } from '../test/support/installed-cw.ts';
import { plainGit } from '../test/support/repo.ts';
import type { Recruits } from './fleet.ts';
import { type Survivor, type Violation, violations } from './invariants.ts';
import type { KillProject } from './kill-project.ts';

const PATIENCE_MS = 900_000;
/** Put into the program before it starts: it takes itself for one on another machine. */
const HOSTNAME = `
import os from 'node:os';
import { syncBuiltinESMExports } from 'node:module';
os.hostname = () => process.env.CW_CHAOS_HOST;
syncBuiltinESMExports();
`;

/** How one host reaches what all share. */
export interface Access {
  /** URL of the database. */
  readonly database: string;
  /** URL of the git remote. */
  readonly origin: string;
}

/** One plan, one database and one bare remote, with a clone for each host. What it is made of is the plan's to remove. */
export interface HostPlan extends Recruits {
  /** The bare repository. */
  readonly origin: string;
  /** Checkouts of the hosts. */
  readonly roots: readonly string[];
  /** Runs what is left to do on each host, and says what is not as it must be there. */
  atRest(): Promise<readonly Violation[]>;
}

/** The bare repository of a plan, which its hosts will share. */
export function makeOrigin({ project }: KillProject): string {
  const origin = join(project.directory, 'origin.git');
  plainGit(project.repo.root, 'clone', '--quiet', '--bare', '.', origin);
  return origin;
}

/** Makes a clone for each of `hosts`; orchestrators are started on them in turn. */
export function makeHostPlan(plan: KillProject, origin: string, hosts: readonly Access[]): HostPlan {
  const { project } = plan;
  const hook = join(project.directory, 'hostname.mjs');
  writeFileSync(hook, HOSTNAME);
  const members = hosts.map((access, index) => {
    const root = join(project.directory, `host-${index}`);
    clone(plan, { origin, root, access });
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}`, CW_CHAOS_HOST: `host-${index}` };
    return { root, options: { cwd: root, home: project.home, env, patienceMs: PATIENCE_MS } };
  });
  const survivor = (root: string): Survivor => ({
    ...plan.survivor(),
    root,
    remote: origin,
  });
  return {
    origin,
    roots: members.map(({ root }) => root),
    survivor: () => plan.survivor(),
    async start(member): Promise<RunningCw> {
      const chosen = members[member % members.length];
      if (chosen === undefined) throw new Error('A plan needs a host');
      return await spawnCw(['run', '--json'], chosen.options);
    },
    async atRest() {
      for (const { options } of members) await cw(['run'], options);
      const found = new Map<string, Violation>();
      for (const { root } of members) {
        for (const each of await violations(survivor(root)))
          found.set(`${each.invariant} ${each.what}`, each);
      }
      return [...found.values()];
    },
  };
}

function clone(
  { project }: KillProject,
  { origin, root, access }: { origin: string; root: string; access: Access },
): void {
  plainGit(project.directory, 'clone', '--quiet', origin, root);
  plainGit(root, 'remote', 'set-url', 'origin', access.origin);
  plainGit(root, 'config', 'user.name', 'Grace');
  plainGit(root, 'config', 'user.email', 'grace@example.com');
  const read = (path: string) => readFileSync(join(project.repo.root, path), 'utf8');
  const config = JSON.parse(read('.codewalk/config.json')) as ConfigFile;
  const shared: ConfigFile = { ...config, database: access.database, merge: { remote: 'origin' } };
  mkdirSync(join(root, '.codewalk'));
  writeFileSync(join(root, '.codewalk', 'config.json'), JSON.stringify(shared, null, 2));
  writeFileSync(join(root, 'roadmap.yaml'), read('roadmap.yaml'));
  // Codewalk tells git once that its own directory is no work of the user's; here it is known from the start.
  writeFileSync(join(root, '.git', 'info', 'exclude'), '/.codewalk/\n');
}
