import type { ProjectInfo, ServerInfo } from '../../../core/server/ports.ts';
import { byteCount, duration } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';

/** Where a server is, how it is, and what it looks after. */
export function renderServer(info: ServerInfo, paint: Paint): readonly string[] {
  const { pid, version, uptimeMs, socket, port, calls, memoryBytes, projects } = info;
  const rows: [string, string][] = [
    ['process', `${pid}, codewalk ${version}, for ${duration(uptimeMs)}`],
    ['socket', safeLine(socket)],
    ...(port === undefined ? [] : [['port', `http://127.0.0.1:${port}`] as [string, string]]),
    ['memory', byteCount(memoryBytes)],
    ['clients', `${calls}`],
  ];
  return [
    ...rows.map(([name, text]) => `  ${paint('dim', name.padEnd(8))}${text}`),
    '',
    ...renderProjects(projects, paint),
  ];
}

export function renderProjects(projects: readonly ProjectInfo[], paint: Paint): readonly string[] {
  if (projects.length === 0) return ['It has no project yet. In one: cw serve'];
  return projects.flatMap((project) => [
    `  ${safeLine(project.root)}  ${paint(colourOf(project), projectWords(project))}`,
    ...(project.state.kind === 'failed' && project.state.advice !== undefined
      ? [`      ${safeLine(project.state.advice)}`]
      : []),
  ]);
}

function colourOf({ state }: ProjectInfo): 'green' | 'red' | 'dim' {
  if (state.kind === 'failed') return 'red';
  return state.kind === 'running' ? 'green' : 'dim';
}

/** How a project of the server is, after its name. */
export function projectWords({ state }: ProjectInfo): string {
  switch (state.kind) {
    case 'starting':
      return 'is opened';
    case 'running':
      return 'works on its tasks';
    case 'serving':
      return 'is served, its tasks are left alone';
    case 'ended':
      return `ended by ${safeLine(state.by)}; cw serve in it goes on`;
    case 'failed':
      return `failed, and is tried again: ${safeLine(state.message)}`;
  }
}
