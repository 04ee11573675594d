import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { renderStatus, statusJson } from '../views/status.ts';

export const status: Action = async (context) => {
  const source = await (await context.services.api()).status();
  warnOfRoadmap(context, source);
  if (context.json) printJson(context, statusJson(source));
  else printLines(context, renderStatus(source, { width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};
