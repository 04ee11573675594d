import type { Check } from '../../surfaces/cli/context.ts';
import { machineChecks } from './doctor-machine.ts';
import { projectChecks } from './doctor-project.ts';
import { providerChecks } from './doctor-providers.ts';
import { serverChecks } from './doctor-server.ts';
import { stateChecks } from './doctor-state.ts';
import type { SetupParts } from './setup-service.ts';

/** Looks at everything that a run needs, from the machine up to the project's state. Changes nothing. */
export async function* doctorChecks(parts: SetupParts): AsyncGenerator<Check> {
  yield* machineChecks(parts);
  yield* projectChecks(parts);
  yield* providerChecks(parts);
  yield* stateChecks(parts);
  yield* serverChecks(parts);
}
