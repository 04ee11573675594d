import type { CommandResult, ProjectApi } from '../../core/api/ports.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';

/** What came of something that a file asks for. */
export type DoorOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly message: string; readonly advice: string };

/** Another program is writing the roadmap at this moment: that says nothing about what is asked for. */
const PASSING = 'ROADMAP_BUSY';

/** Asks the project for something. What a person can mend is an outcome; anything else is thrown. */
export async function ask(work: Promise<unknown>): Promise<DoorOutcome> {
  try {
    await work;
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof CodewalkError) || error.code === PASSING) throw error;
    if (!(error instanceof UsageError) && error.code !== 'REFUSED') throw error;
    const [first] = problemsOf(error);
    const { message, advice } = first ?? error;
    return { kind: 'refused', message, advice: advice ?? 'Change it and save again.' };
  }
}

/** Commands one task. */
export async function command(work: ReturnType<ProjectApi['retry' | 'cancel']>): Promise<DoorOutcome> {
  let result: CommandResult | undefined;
  const outcome = await ask(work.then(({ results }) => ([result] = results)));
  if (outcome.kind === 'refused' || result?.kind !== 'refused') return outcome;
  return { kind: 'refused', message: result.reason, advice: result.advice };
}

/** Of a roadmap with mistakes, those. */
function problemsOf(error: CodewalkError): readonly { readonly message: string; readonly advice: string }[] {
  const { problems } = error as { problems?: readonly { message: string; advice: string }[] };
  return problems ?? [];
}
