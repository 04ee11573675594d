import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTable } from '../src/adapters/process/process-table.ts';

/** The agent that writes these marks; see there. */
export const MARKING_AGENT = join(import.meta.dirname, 'marking-agent.sh');

/** One start of an agent, as it wrote it down itself. */
export interface AgentMark {
  readonly task: string;
  /** Its process: the pid, and when that was started. */
  readonly process: string;
  /** Seconds since the boot, to a hundredth; without an end it was killed. */
  readonly begin: number;
  readonly end: number | undefined;
  readonly attempt: number;
  readonly session: string;
  /** Processes of the same task that were alive when it began. */
  readonly beside: readonly string[];
}

export function makeMarksDirectory(directory: string, tasks: readonly string[]): void {
  for (const task of tasks) mkdirSync(join(directory, task), { recursive: true });
}

/** What all agents of a project have written down. */
export function readMarks(directory: string): readonly AgentMark[] {
  return readdirSync(directory).flatMap((task) =>
    readdirSync(join(directory, task)).flatMap((name) => {
      const mark = parseMark(readFileSync(join(directory, task, name), 'utf8'));
      return mark === undefined ? [] : [{ task, process: name, ...mark }];
    }),
  );
}

function parseMark(text: string): Omit<AgentMark, 'task' | 'process'> | undefined {
  const lines = text.split('\n').map((line) => line.split(' '));
  const [word, begin, attempt, session = ''] = lines[0] ?? [];
  // Killed before its first line was out: it has done nothing.
  if (word !== 'begin') return undefined;
  const end = lines.find(([each]) => each === 'end')?.[1];
  return {
    begin: Number(begin),
    end: end === undefined ? undefined : Number(end),
    attempt: Number(attempt),
    session,
    beside: lines.flatMap(([each, other = '']) => (each === 'beside' ? [other] : [])),
  };
}

/** The marks of agents that still run. */
export function stillRunning(marks: readonly AgentMark[]): readonly AgentMark[] {
  const table = processTable();
  return marks.filter(({ process }) => {
    const [pid, start] = process.split('-');
    const row = table.row(Number(pid));
    return row !== undefined && !row.zombie && row.startTime === start;
  });
}
