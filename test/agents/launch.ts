import type { TestContext } from 'node:test';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import type {
  AgentProcess,
  Confiner,
  LaunchLimits,
  LaunchSpec,
  OutputLine,
} from '../../src/core/agents/ports.ts';

/** Limits that no test reaches by accident. */
export const ROOMY: LaunchLimits = {
  firstOutputMs: 60_000,
  silenceMs: 60_000,
  totalMs: 120_000,
  lineBytes: 1_048_576,
  outputBytes: 1_073_741_824,
  diskBytes: 0,
  memoryBytes: 0,
  processes: 0,
  graceMs: 5_000,
};

export const PATH_ENV = { PATH: process.env.PATH ?? '' };

/** A program's start with everything but `argv` filled in; stopped at the end of the test in any case. */
export async function launch(
  t: TestContext,
  [command = '', ...args]: readonly string[],
  options: Partial<Omit<LaunchSpec, 'limits'>> & {
    limits?: Partial<LaunchLimits>;
    orchestrator?: string;
    confiner?: Confiner;
  } = {},
): Promise<AgentProcess> {
  const { orchestrator = 'orc_test', confiner, limits, ...spec } = options;
  const launcher = new ProcessLauncher({ orchestrator, ...(confiner === undefined ? {} : { confiner }) });
  const process = await launcher.start({
    command,
    args,
    cwd: import.meta.dirname,
    env: PATH_ENV,
    signal: new AbortController().signal,
    ...spec,
    limits: { ...ROOMY, ...limits },
  });
  t.after(() => process[Symbol.asyncDispose]());
  return process;
}

/** Runs a Node program given as text. */
export function nodeProgram(source: string): string[] {
  return [process.execPath, '--input-type=module', '-e', source];
}

export async function collect(lines: AsyncIterable<OutputLine>): Promise<OutputLine[]> {
  const all: OutputLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** The text of the first line, once it is there. The others stay for a later reader of the same process. */
export async function firstLine(process: AgentProcess): Promise<string> {
  const next = await process.lines()[Symbol.asyncIterator]().next();
  if (next.done === true) throw new Error('the program printed nothing');
  return next.value.text;
}
