import { setTimeout } from 'node:timers/promises';
import { UsageError } from '../../../core/errors.ts';
import type { ServerApi } from '../../../core/server/ports.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import { warnAboutVersion } from '../server-notes.ts';
import { renderProjects, renderServer } from '../views/server.ts';

/** How often a followed log is looked at, ms. */
const POLL_MS = 250;
const DEFAULT_LINES = 40;

export const serverStatus: Action = async (context) => {
  const api = await context.services.server.find();
  if (api === undefined) {
    if (context.json) printJson(context, { running: false });
    else printLines(context, ['No server is running.', '    cw serve']);
    return EXIT.failed;
  }
  const info = await api.info();
  warnAboutVersion(context, info);
  if (context.json) printJson(context, { running: true, ...info });
  else printLines(context, ['The server is running.', ...renderServer(info, context.paint)]);
  return EXIT.ok;
};

export const serverProjects: Action = async (context) => {
  const { projects } = await (await needServer(context)).info();
  if (context.json) printJson(context, projects);
  else printLines(context, renderProjects(projects, context.paint));
  return EXIT.ok;
};

export const stop: Action = async (context, { options }) => {
  const { server } = context.services;
  if (options.project === true) {
    const api = await needServer(context);
    const { root } = await context.services.project();
    await api.removeProject({ root });
    if (context.json) printJson(context, { removed: root });
    else printLines(context, [`The server does not look after ${safeLine(root)} any more.`]);
    return EXIT.ok;
  }
  if ((await server.find()) === undefined) {
    if (context.json) printJson(context, { stopped: false });
    else printLines(context, ['No server is running.']);
    return EXIT.ok;
  }
  const { pid } = await server.stop('cw stop');
  if (context.json) printJson(context, { stopped: true, pid });
  else printLines(context, ['The server has stopped. What its agents did is saved.']);
  return EXIT.ok;
};

export const serverRestart: Action = async (context, { options }) => {
  const { server } = context.services;
  const before = (await server.find()) === undefined ? undefined : await server.stop('cw server restart');
  const port = options.port === undefined ? before?.port : Number(options.port);
  const info = await server.start({ port });
  if (context.json) printJson(context, info);
  else printLines(context, ['The server is started anew.', ...renderServer(info, context.paint)]);
  return EXIT.ok;
};

export const serverLog: Action = async (context, { options }) => {
  const { server } = context.services;
  const stop = new AbortController();
  context.io.onOutputClosed(() => stop.abort());
  const signal = AbortSignal.any([context.stopSignal(), stop.signal]);
  const print = async (lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) context.io.out(`${lines.map(safeBlock).join('\n')}\n`);
    await context.io.drained();
  };
  let log = await server.readLog();
  await print(log.lines.slice(-Number(options.lines ?? DEFAULT_LINES)));
  while (options.follow === true && !signal.aborted) {
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    log = await server.readLog(log.next);
    await print(log.lines);
  }
  return EXIT.ok;
};

/** The running server. Throws `UsageError` `SERVER_NOT_RUNNING`. */
async function needServer({ services }: CliContext): Promise<ServerApi> {
  const api = await services.server.find();
  if (api !== undefined) return api;
  throw new UsageError('SERVER_NOT_RUNNING', 'no server is running', { advice: 'cw serve starts one' });
}
