import type { Experiment } from './experiment.ts';

/** Every experiment by name, in the order of the report; each is loaded only when it runs. */
export const EXPERIMENTS: Readonly<Record<string, () => Promise<Experiment>>> = {
  output: async () => (await import('./output.ts')).output,
  failures: async () => (await import('./failures.ts')).failures,
};
