import { processTable } from '../../src/adapters/process/process-table.ts';

/** False also for a process that has ended and waits for its parent. */
export function isRunning(pid: number): boolean {
  return processTable().row(pid)?.zombie === false;
}
