import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { warnAboutVersion } from '../server-notes.ts';
import { projectWords } from '../views/server.ts';
import { renderStatus, statusJson } from '../views/status.ts';

export const status: Action = async (context) => {
  const source = await (await context.services.api()).status();
  warnOfRoadmap(context, source);
  if (context.json) printJson(context, statusJson(source));
  else {
    printLines(context, renderStatus(source, { width: context.io.columns(), paint: context.paint }));
    await tellOfServer(context);
  }
  return EXIT.ok;
};

/** Whoever reads this on a terminal wants to know who works in the background, and everybody that nobody does. */
async function tellOfServer(context: CliContext): Promise<void> {
  const { io, services, paint } = context;
  const here = await services.server.here();
  if (here?.project === undefined) return;
  const { info, project } = here;
  warnAboutVersion(context, info);
  if (project.state.kind === 'failed') {
    const advice = project.state.advice === undefined ? '' : ` ${project.state.advice}`;
    io.err(`note: the server cannot work on it: ${safeLine(project.state.message)}${safeLine(advice)}\n`);
  } else if (io.outIsTerminal) {
    printLines(context, ['', paint('dim', `The server, process ${info.pid}: ${projectWords(project)}`)]);
  }
}
