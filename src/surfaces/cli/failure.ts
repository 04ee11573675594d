import { problemsOf } from '../../core/error-facts.ts';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import type { SourceProblem } from '../../core/source/problem.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { safeBlock, safeJson, safeLine } from './safe-text.ts';
import type { Paint } from './style.ts';

/** What went wrong, as the command line tells it: what failed and where, and what to do. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly advice: string | undefined;
  readonly exitCode: ExitCode;
  /** Everything wrong with a file that a person wrote. */
  readonly problems: readonly SourceProblem[];
}

/**
 * The failure behind anything that was thrown. `writeCrashLog` keeps the stack of an error that nobody foresaw
 * and returns where, or undefined when it could not be written.
 */
export async function failureOf(
  error: unknown,
  writeCrashLog: (error: unknown) => Promise<string | undefined>,
): Promise<Failure> {
  if (error instanceof CodewalkError) {
    const exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
    return {
      code: error.code,
      message: error.message,
      advice: error.advice,
      exitCode,
      problems: problemsOf(error),
    };
  }
  const parserFailure = fromParser(error);
  if (parserFailure !== undefined) return parserFailure;
  const log = await writeCrashLog(error);
  return {
    code: 'UNEXPECTED',
    message: `unexpected: ${firstLine(messageOf(error))}`,
    advice:
      log === undefined
        ? 'run `cw doctor`; the details could not be written to .codewalk/state'
        : `this is a bug; the details are in ${log}`,
    exitCode: EXIT.failed,
    problems: [],
  };
}

/** Two lines for people, or as many as a file has problems; one JSON object for programs. For standard error. */
export function renderFailure(failure: Failure, options: { json: boolean; paint: Paint }): string {
  const { paint } = options;
  if (options.json) return `${safeJson({ error: failureJson(failure) })}\n`;
  if (failure.problems.length === 0) return twoLines(failure, paint);
  return failure.problems
    .map((problem) => {
      const message = `${problem.file}:${problem.line}:${problem.col}: ${problem.message}`;
      const excerpt = problem.excerpt === '' ? '' : `${safeBlock(problem.excerpt).replace(/^/gm, '  ')}\n`;
      return `${paint('red', 'error:')} ${safeLine(message)}\n${excerpt}${helpLine(problem.advice, paint)}`;
    })
    .join('\n');
}

function twoLines({ message, advice }: Failure, paint: Paint): string {
  const lines = message.split('\n').map((line, i) => (i === 0 ? safeLine(line) : `  ${safeLine(line)}`));
  return `${paint('red', 'error:')} ${lines.join('\n')}\n${advice === undefined ? '' : helpLine(advice, paint)}`;
}

function helpLine(advice: string, paint: Paint): string {
  return `${paint('cyan', 'help:')} ${safeLine(advice)}\n`;
}

function failureJson({ code, message, advice, exitCode, problems }: Failure): unknown {
  const places = problems.map(({ excerpt: _, ...place }) => place);
  return {
    code,
    message,
    advice: advice ?? null,
    exitCode,
    ...(places.length === 0 ? {} : { problems: places }),
  };
}

/** Commander's own errors, matched by their code: its package is not loaded for that. */
function fromParser(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (!error.code.startsWith('commander.')) return undefined;
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant = suggestion?.match(/^\(Did you mean (.+)\?\)$/)?.[1];
  return {
    code: 'USAGE',
    message: message.replace(/\.$/, ''),
    advice:
      meant === undefined
        ? 'cw --help lists the commands, cw <command> --help explains one'
        : `did you mean ${meant}?`,
    exitCode: EXIT.usage,
    problems: [],
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
