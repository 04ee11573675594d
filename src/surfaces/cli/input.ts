import { UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/source/nearest.ts';
import { quoted } from '../../core/source/problem.ts';
import { TASK_STATES, type TaskState } from '../../core/tasks/states.ts';

/** The words of a variadic or single argument, and of an option that takes several. */
export function words(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** The states that an option names, also several with commas between. Throws `UsageError` `UNKNOWN_STATE`. */
export function stateWords(value: unknown): readonly (TaskState | 'ready')[] {
  const known: readonly (TaskState | 'ready')[] = [...TASK_STATES, 'ready'];
  return words(value)
    .flatMap((text) => text.split(','))
    .map((text) => {
      const state = known.find((each) => each === text);
      if (state !== undefined) return state;
      const meant = nearest(text, known);
      throw new UsageError('UNKNOWN_STATE', `${quoted(text)} is no state of a task`, {
        advice: meant === undefined ? `states are ${known.join(', ')}` : `did you mean ${meant}?`,
      });
    });
}

/** An option's text, or undefined when it was not given. */
export function textOption(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
