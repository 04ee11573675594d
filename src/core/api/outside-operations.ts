import type { OutsideWork } from '../outside/ports.ts';
import { type Actor, nameOf } from './actor.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** Work of programs that Codewalk did not start. Each sees its own claims only. */
export function outsideOperations(
  parts: ProjectParts,
  actor: Actor,
): Pick<ProjectApi, 'claimTask' | 'completeTask' | 'failTask' | 'keepClaim'> {
  const by = nameOf(actor);
  const client = (session: string | undefined) => (session === undefined ? by : `${by}/${session}`);
  const work = async (): Promise<OutsideWork> => await parts.outside();
  return {
    claimTask: async ({ session, ...wish } = {}) => {
      await parts.refresh('command');
      return { work: await (await work()).claim(client(session), wish) };
    },
    completeTask: async ({ session, ...done }) => await (await work()).complete(client(session), done),
    failTask: async ({ session, ...given }) => await (await work()).fail(client(session), given),
    keepClaim: async ({ session, claim }) => await (await work()).keep(client(session), claim),
  };
}
