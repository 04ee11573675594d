import * as z from 'zod';
import { Chance } from './chance.ts';

/** What may go wrong in a world; each can be left out, which is how a failure is made small. */
export const FAULTS = [
  'crashes',
  'freezes',
  'partitions',
  'slowness',
  'connections',
  'clocks',
  'joins',
  'people',
  'edits',
  'turns',
  'git',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Everything that a world follows from. */
export const scenarioSchema = z.strictObject({
  seed: z.int().min(0),
  /** Most orchestrators at once. */
  orchestrators: z.int().min(1),
  hosts: z.int().min(1),
  tasks: z.int().min(1),
  /** After so many steps nothing goes wrong any more. */
  chaosSteps: z.int().min(0),
  faults: z.array(z.enum(FAULTS)).readonly(),
  /** All orchestrators start at once, each with so many agents, and the world is left after so many steps. */
  crowd: z.strictObject({ agents: z.int().min(1), mostSteps: z.int().min(1) }).optional(),
  /** Name of what is broken on purpose; absent: nothing. */
  mutant: z.string().optional(),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** The world of this number: the larger the limits, the larger it may become. */
export function drawScenario(
  seed: number,
  number: number,
  limits: { orchestrators: number; tasks: number; chaosSteps: number },
): Scenario {
  const own = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
  const chance = new Chance(own);
  const orchestrators = chance.between(1, limits.orchestrators);
  return {
    seed: own,
    orchestrators,
    hosts: chance.between(1, orchestrators),
    tasks: chance.between(Math.min(3, limits.tasks), limits.tasks),
    chaosSteps: chance.between(Math.ceil(limits.chaosSteps / 10), limits.chaosSteps),
    // Now and then a fault is left out, so that others show more of what they do.
    faults: FAULTS.filter(() => chance.happens(0.85)),
  };
}
