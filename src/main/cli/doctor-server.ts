import { runDirectory } from '../../adapters/server-files/run-directory.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { count } from '../../surfaces/cli/format.ts';
import { findServer } from '../server/find-server.ts';
import { checkThat } from './check-that.ts';
import type { SetupParts } from './setup-service.ts';

/** The server, if one runs: whether it is of this version, and can work on this project. */
export async function* serverChecks(parts: SetupParts): AsyncGenerator<Check> {
  yield await checkThat('server', async () => {
    const found = await findServer(runDirectory());
    if (found === undefined) return { status: 'ok', detail: 'none is running' };
    const { pid, version, projects } = await found.api.info();
    if (version !== parts.version) {
      const detail = `process ${pid} is codewalk ${version}, and this is ${parts.version}`;
      return { status: 'warn', detail, advice: 'cw server restart' };
    }
    const root = await parts.root();
    const state = projects.find((project) => project.root === root)?.state;
    if (state?.kind !== 'failed') {
      return { status: 'ok', detail: `process ${pid} has ${count(projects.length, 'project')}` };
    }
    const { message: detail, advice = 'cw server log says more.' } = state;
    return { status: 'fail', detail: `it cannot work on this project: ${detail}`, advice };
  });
}
