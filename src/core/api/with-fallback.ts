import type { ProjectApi } from './ports.ts';
import { OPERATIONS } from './roles.ts';

/**
 * A project that is served by another process, and by this one as soon as that one is gone. `isGone` tells that from
 * other errors: `not-sent` when it cannot have got the request. What changes something and may have been done already
 * is not done again: the error is thrown.
 */
export function withFallback(
  served: ProjectApi,
  local: () => Promise<ProjectApi>,
  isGone: (error: unknown) => 'not-sent' | 'maybe-done' | false,
): ProjectApi {
  let isLost = false;
  const calls = Object.entries(OPERATIONS).flatMap(([name, { kind }]) => {
    if (kind === 'subscription') return [];
    const call = (api: ProjectApi, input: unknown): Promise<unknown> =>
      (api[name as keyof ProjectApi] as (input: unknown) => Promise<unknown>)(input);
    const tried = async (input: unknown): Promise<unknown> => {
      if (isLost) return await call(await local(), input);
      try {
        return await call(served, input);
      } catch (error) {
        const gone = isGone(error);
        if (gone === false || (gone === 'maybe-done' && kind === 'mutation')) throw error;
        isLost = true;
        return await call(await local(), input);
      }
    };
    return [[name, tried]];
  });
  const follow: ProjectApi['follow'] = async function* (from, signal) {
    let { after } = from;
    if (!isLost) {
      try {
        for await (const batch of served.follow(from, signal)) {
          after = batch.at(-1)?.seq ?? after;
          yield batch;
        }
        return;
      } catch (error) {
        if (isGone(error) === false) throw error;
        isLost = true;
      }
    }
    yield* (await local()).follow({ ...from, after }, signal);
  };
  // Every operation has its entry: the table is checked against the port.
  return { ...Object.fromEntries(calls), follow } as unknown as ProjectApi;
}
