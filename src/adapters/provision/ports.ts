import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../core/agents/ports.ts';
import { CodewalkError } from '../../core/errors.ts';
import { isFree } from './bind-check.ts';

const LAST_PORT = 65_535;

/** Consecutive ports that nobody else on this machine is given while it is held. */
export interface PortBlock extends Disposable {
  readonly from: number;
  readonly count: number;
}

interface Claim {
  readonly name: string;
  readonly from: number;
  readonly count: number;
  readonly owner: ProcessIdentity;
}

/**
 * Hands out blocks of ports, each to one holder on this machine, whatever project or orchestrator it works for.
 *
 * A claim is an empty file whose name says the ports and the process that holds them. Who wants a block makes its
 * claim first and looks around afterwards: of two that overlap at least one sees the other and goes on to the next
 * block. The claim of a dead process may be removed by anyone at any time: no live process ever has its name.
 */
export class PortBlocks {
  readonly #directory: string;
  readonly #from: number;
  readonly #count: number;
  readonly #self: ProcessIdentity;
  readonly #isAlive: (identity: ProcessIdentity) => boolean;
  readonly #held = new Set<number>();

  /** `directory`: shared by all orchestrators of this user. */
  constructor(options: {
    directory: string;
    from: number;
    perTask: number;
    self: ProcessIdentity;
    isAlive: (identity: ProcessIdentity) => boolean;
  }) {
    this.#directory = options.directory;
    this.#from = options.from;
    this.#count = options.perTask;
    this.#self = options.self;
    this.#isAlive = options.isAlive;
  }

  /** A free block at or above the first port. Throws `NO_PORTS` when there is none. */
  async take(): Promise<PortBlock> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (let from = this.#from; from + this.#count - 1 <= LAST_PORT; from += this.#count) {
      if (this.#held.has(from)) continue;
      this.#held.add(from);
      const claim = join(this.#directory, nameOf({ from, count: this.#count, owner: this.#self }));
      const release = () => {
        rmSync(claim, { force: true });
        this.#held.delete(from);
      };
      try {
        writeFileSync(claim, '', { mode: 0o600 });
        if (!this.#isClaimedByOthers(from) && (await this.#areFree(from))) {
          return { from, count: this.#count, [Symbol.dispose]: release };
        }
      } catch (error) {
        release();
        throw error;
      }
      release();
    }
    throw new CodewalkError('NO_PORTS', `no ${this.#count} free ports in a row from ${this.#from} upwards`, {
      advice: 'Free some, or change worktrees.ports in the config.',
    });
  }

  #isClaimedByOthers(from: number): boolean {
    const last = from + this.#count - 1;
    for (const claim of this.#claims()) {
      const isOwn = claim.owner.pid === this.#self.pid && claim.owner.startTime === this.#self.startTime;
      // Other blocks of this process never overlap: they begin at other multiples.
      if (isOwn || claim.from > last || claim.from + claim.count - 1 < from) continue;
      if (this.#isAlive(claim.owner)) return true;
      rmSync(join(this.#directory, claim.name), { force: true });
    }
    return false;
  }

  *#claims(): Generator<Claim> {
    for (const name of existsSync(this.#directory) ? readdirSync(this.#directory) : []) {
      const claim = parseName(name);
      if (claim !== undefined) yield claim;
    }
  }

  async #areFree(from: number): Promise<boolean> {
    const ports = Array.from({ length: this.#count }, (_, index) => from + index);
    return (await Promise.all(ports.map(isFree))).every((free) => free);
  }
}

function nameOf({ from, count, owner }: Omit<Claim, 'name'>): string {
  const identity = Buffer.from(JSON.stringify([owner.pid, owner.startTime, owner.bootId]));
  return `${from}+${count}@${identity.toString('base64url')}`;
}

function parseName(name: string): Claim | undefined {
  const match = /^(\d+)\+(\d+)@([\w-]+)$/.exec(name);
  if (match === null) return undefined;
  try {
    const [pid, startTime, bootId] = JSON.parse(Buffer.from(match[3] ?? '', 'base64url').toString('utf8'));
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof bootId !== 'string')
      return undefined;
    return { name, from: Number(match[1]), count: Number(match[2]), owner: { pid, startTime, bootId } };
  } catch {
    return undefined;
  }
}
