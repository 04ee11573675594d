import { PERSON_ROLES } from '../../../core/api/actor.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';

export const mcp: Action = async (context, { options }) => {
  const role = PERSON_ROLES.find((each) => each === options.role) ?? 'operator';
  const name = textOption(options.name);
  await context.services.tools.serve({ role, name, signal: context.stopSignal() });
  return EXIT.ok;
};
