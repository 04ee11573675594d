import type { Config } from '../config/schema.ts';

type Patience = Pick<Config, 'questions'> & { readonly limits: Pick<Config['limits'], 'silenceMs'> };

/**
 * How long an agent may say nothing, ms; 0: for any time. Who waits for an answer says nothing meanwhile, and is not
 * stuck: a limit that would hit it is longer by the wait. See `isLengthened`.
 */
export function silenceAllowedMs(config: Patience): number {
  const { silenceMs } = config.limits;
  return isLengthened(config) ? silenceMs + config.questions.waitMs : silenceMs;
}

/** Is the limit of silence not longer than agents wait for answers? */
export function isLengthened({ limits: { silenceMs }, questions: { waitMs } }: Patience): boolean {
  return silenceMs > 0 && silenceMs <= waitMs;
}
