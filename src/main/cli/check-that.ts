import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Check } from '../../surfaces/cli/context.ts';

/** A finding from something that may throw: what is wrong and what to do is in the error. */
export async function checkThat(name: string, look: () => Promise<Omit<Check, 'name'>>): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const advice = error instanceof CodewalkError ? error.advice : undefined;
    return { name, status: 'fail', detail: messageOf(error), ...(advice === undefined ? {} : { advice }) };
  }
}
