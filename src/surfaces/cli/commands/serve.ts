import { CodewalkError } from '../../../core/errors.ts';
import type { ServedProject } from '../../../core/server/ports.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { warnAboutVersion } from '../server-notes.ts';
import { renderServer } from '../views/server.ts';

export const serve: Action = async (context, { options }) => {
  const { services, io } = context;
  const project = options.project === false ? undefined : await projectHere(context, options.run !== false);
  const port = options.port === undefined ? await configuredPort(context, project) : Number(options.port);
  if (options.foreground === true) {
    const signal = context.stopSignal({ again: 'ignored' });
    const log = (line: string): void =>
      io.out(`${new Date(services.now()).toISOString()} ${safeLine(line)}\n`);
    await services.server.serveHere({ port, project, signal, log });
    return EXIT.ok;
  }
  const found = await services.server.find();
  const started = found === undefined ? await services.server.start({ port }) : await found.info();
  warnAboutVersion(context, started);
  warnAboutPort(context, { asked: port, has: started.port, isNew: found === undefined });
  const api = found ?? (await services.server.find());
  if (project !== undefined) await api?.addProject(project);
  const info = (await api?.info()) ?? started;
  if (context.json) printJson(context, info);
  else {
    const head = found === undefined ? 'The server is started.' : 'The server is running.';
    printLines(context, [head, ...renderServer(info, context.paint)]);
  }
  return EXIT.ok;
};

/** The project around the working directory; elsewhere only the server is started. */
async function projectHere({ services }: CliContext, runs: boolean): Promise<ServedProject | undefined> {
  try {
    return { root: (await services.project()).root, runs };
  } catch (error) {
    if (error instanceof CodewalkError && error.code === 'NOT_A_REPOSITORY') return undefined;
    throw error;
  }
}

async function configuredPort(
  { services }: CliContext,
  project: ServedProject | undefined,
): Promise<number | undefined> {
  return project === undefined ? undefined : (await services.config()).server.port;
}

function warnAboutPort(
  { io }: CliContext,
  { asked, has, isNew }: { asked: number | undefined; has: number | undefined; isNew: boolean },
): void {
  if (isNew || asked === undefined || asked === has || (asked === 0 && has !== undefined)) return;
  const now = has === undefined ? 'on no port' : `on port ${has}`;
  io.err(`note: the server that runs listens ${now}: cw server restart --port ${asked}\n`);
}
