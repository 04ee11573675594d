import type { LaunchLimits } from '../../src/core/agents/ports.ts';

/** For tests that start nothing: no limit is ever reached. */
export const NO_LIMITS: LaunchLimits = {
  firstOutputMs: 0,
  silenceMs: 0,
  totalMs: 0,
  lineBytes: 1,
  outputBytes: 1,
  diskBytes: 0,
  memoryBytes: 0,
  processes: 0,
  graceMs: 0,
};
