import type { Provision, Provisioner, Sandboxes } from '../../core/attempts/ports.ts';
import type { Config } from '../../core/config/schema.ts';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import type { CommandRunner, Workspace } from '../../core/workspaces/ports.ts';
import type { PortBlocks } from './ports.ts';
import { type ReadyRecord, readRecord, writeRecord } from './ready-record.ts';
import { checkedSeeds, readyKey, type SeedSpec, type WantedSeed, wantedSeed } from './seed-key.ts';
import type { SeedStore } from './seed-store.ts';
import { runSetup } from './setup.ts';

type Request = Parameters<Provisioner['prepare']>[0];
type Made = Pick<Provision, 'seeded' | 'setupMs'>;

const NOTHING: Made = { seeded: [], setupMs: 0 };

export interface ProvisionerParts {
  readonly settings: Config['worktrees'];
  readonly commands: CommandRunner;
  readonly sandboxes: Sandboxes;
  readonly ports: PortBlocks;
  readonly seeds: SeedStore;
  /** Where notes about a worktree are kept: out of its agent's reach, and emptied when another task gets it. */
  readonly recordsOf: (workspace: Workspace) => string | undefined;
  /** Those of `paths` that git would commit or holds already. */
  readonly notIgnored: (workspace: Workspace, paths: readonly string[]) => Promise<readonly string[]>;
  /** A setup that fails, told once and not for every task. */
  readonly warn: (message: string) => void;
}

/** Makes worktrees ready by seeds and setup commands, and gives each its ports. */
export class LocalProvisioner implements Provisioner {
  readonly #parts: ProvisionerParts;
  readonly #seeds: readonly SeedSpec[];
  /** Setups under way by key: whoever needs the same waits for its seed. */
  readonly #underWay = new Map<string, Promise<Made>>();
  readonly #told = new Set<string>();

  /** Throws `UsageError` `SEED_PATH` for seeds that no worktree can have. */
  constructor(parts: ProvisionerParts) {
    this.#parts = parts;
    this.#seeds = checkedSeeds(parts.settings.seeds);
  }

  async prepare(request: Request): Promise<Provision> {
    const ports = await this.#parts.ports.take();
    try {
      const env = { CW_PORT_BASE: String(ports.from), CW_PORT_COUNT: String(ports.count) };
      const made = await this.#makeReady({ ...request, env: { ...request.env, ...env } });
      return { env, ...made, [Symbol.asyncDispose]: async () => ports[Symbol.dispose]() };
    } catch (error) {
      ports[Symbol.dispose]();
      throw error;
    }
  }

  /** For a worktree that is about to be emptied for another task: takes back what this one left untouched. */
  async giveBack(worktree: string, records: string): Promise<void> {
    for (const seed of readRecord(records)?.seeds ?? []) {
      await this.#parts.seeds.giveBack(seed.key, seed, worktree);
    }
  }

  async #makeReady(request: Request): Promise<Made> {
    const { setup } = this.#parts.settings;
    if (setup.length === 0 && this.#seeds.length === 0) return NOTHING;
    const { workspace } = request;
    const records = this.#parts.recordsOf(workspace);
    const wanted = this.#seeds.map((seed) => wantedSeed(workspace.path, seed));
    const key = readyKey(setup, wanted);
    if (records !== undefined && readRecord(records)?.key === key) return NOTHING;
    await this.#refuseCommitted(workspace);

    // Only with seeds is there something to wait for.
    const other = wanted.some((seed) => seed.key !== undefined) ? this.#underWay.get(key) : undefined;
    // No pause otherwise: who asks next must find this one under way.
    if (other !== undefined) await otherSetup(other, request.signal);
    request.signal.throwIfAborted();
    const working = this.#make(request, { wanted, key, records });
    this.#underWay.set(key, working);
    try {
      return await working;
    } catch (error) {
      this.#tellOnce(key, error, request.signal);
      throw error;
    } finally {
      if (this.#underWay.get(key) === working) this.#underWay.delete(key);
    }
  }

  async #make(
    request: Request,
    { wanted, key, records }: { wanted: readonly WantedSeed[]; key: string; records: string | undefined },
  ): Promise<Made> {
    const { settings, seeds, commands, sandboxes } = this.#parts;
    const { workspace, onLine } = request;
    const placed: ReadyRecord['seeds'] = [];
    for (const { key: seed, paths } of wanted) {
      if (seed === undefined) continue;
      const digests = await seeds.place(seed, paths, workspace.path);
      if (digests !== undefined) placed.push({ key: seed, paths: [...paths], digests });
    }
    let setupMs = 0;
    // What is in the seeds is what setup would make; one that misses means that it has to run.
    if (wanted.length === 0 || placed.length < wanted.length) {
      const startedAt = performance.now();
      await runSetup(settings, { ...request, commands, sandboxes });
      setupMs = Math.max(1, Math.round(performance.now() - startedAt));
      for (const { key: seed, paths } of wanted) {
        if (seed === undefined) continue;
        const problem = await seeds.keep(seed, paths, workspace.path);
        if (problem !== undefined) onLine(`Not kept for other worktrees: ${problem}.`);
      }
    }
    // After setup has run, what was placed before it is not what it was.
    const untouched = setupMs === 0 ? placed : [];
    if (records !== undefined) writeRecord(records, { key, seeds: untouched });
    return { seeded: untouched.flatMap(({ paths }) => paths), setupMs };
  }

  async #refuseCommitted(workspace: Workspace): Promise<void> {
    const paths = this.#seeds.flatMap((seed) => seed.paths);
    const [first] = paths.length === 0 ? [] : await this.#parts.notIgnored(workspace, paths);
    if (first === undefined) return;
    throw new UsageError(
      'SEED_NOT_IGNORED',
      `worktrees.seeds names ${JSON.stringify(first)}, which git does not ignore: it would be committed`,
      { advice: `Add ${first}/ to .gitignore and commit that, or take it out of the config.` },
    );
  }

  #tellOnce(key: string, error: unknown, signal: AbortSignal): void {
    if (signal.aborted || this.#told.has(key)) return;
    this.#told.add(key);
    this.#parts.warn(
      `New worktrees cannot be made ready, so no task can begin until that is mended: ${messageOf(error)}`,
    );
  }
}

/** Waits for the setup of another worktree. What is wrong with the commands is wrong here too; its end by a stop is not. */
async function otherSetup(other: Promise<Made>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const onAbort = () => stopped.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([other, stopped.promise]);
  } catch (error) {
    if (error instanceof CodewalkError) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
