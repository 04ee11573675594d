import type { ProcessIdentity } from '../../core/agents/ports.ts';
import { processTable } from './process-table.ts';

/** What names a running process for ever, or `undefined` when there is no such process. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const row = processTable().row(pid);
  return row === undefined ? undefined : { pid, startTime: row.startTime, bootId: processTable().bootId };
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity === undefined)
    throw new Error(`Process ${process.pid} does not find itself in the process table`);
  return identity;
}

/**
 * Does this very process still run? A process with the same pid and another start time is a stranger, and so is
 * every process of another boot. True for one in another pid namespace of this machine: nothing can be known
 * about it from here.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  const { bootId } = processTable();
  if (identity.bootId !== bootId) return sameBoot(identity.bootId, bootId);
  const row = processTable().row(identity.pid);
  return row !== undefined && !row.zombie && row.startTime === identity.startTime;
}

/** Was it started since this machine was? Also true for one in another pid namespace of it. */
export function isOfThisBoot({ bootId }: ProcessIdentity): boolean {
  return sameBoot(bootId, processTable().bootId);
}

function sameBoot(a: string, b: string): boolean {
  return a.split('/')[0] === b.split('/')[0];
}
