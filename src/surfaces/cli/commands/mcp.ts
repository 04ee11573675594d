import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';

export const mcp: Action = async (context) => {
  await context.services.tools.serve(context.stopSignal());
  return EXIT.ok;
};
