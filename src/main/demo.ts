import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../adapters/process/find-on-path.ts';
import { runAndReport } from '../surfaces/cli/commands/run.ts';
import type { CliContext } from '../surfaces/cli/context.ts';
import { EXIT, type ExitCode } from '../surfaces/cli/exit-codes.ts';
import { printLines } from '../surfaces/cli/print.ts';
import { safeJson, safeLine } from '../surfaces/cli/safe-text.ts';
import { ACCOUNTED, type Account, takeAccount } from './demo/account.ts';
import { renderAccount, renderNextSteps } from './demo/closing-words.ts';
import { commitGraph } from './demo/commit-graph.ts';
import { demoConfig, type RealAgent } from './demo/config.ts';
import { checkDemoCanRun } from './demo/preflight.ts';
import { brokenPromises } from './demo/promises.ts';
import { createRepository, demoDirectory } from './demo/repository.ts';
import { testBranch } from './demo/test-branch.ts';

export interface DemoOptions {
  /** Absolute; absent: a new directory for temporary files. */
  readonly directory: string | undefined;
  /** A real agent CLI in place of the script. */
  readonly agent: RealAgent | undefined;
  /** False: only make the repository. */
  readonly run: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** What an average task of the scripted agent seems to take: long enough to watch, ms. */
const THINK_MS = 600;
const MOST_EVENTS = 100_000;

/**
 * Makes a small repository with a roadmap, runs it to the end as `cw run` would, tests the result and checks from
 * the event log that everything happened that the demo is there to show. Exits with 1 when something did not.
 * Throws `UsageError` before anything is made when the demo cannot run here.
 */
export async function runDemo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
  const { agent, env } = options;
  await checkDemoCanRun({ agent, env });
  const directory = await demoDirectory(options.directory);
  await createRepository({ directory, config: demoConfig(agent ?? scriptedProvider(directory, env)), env });
  const cw = howToCall(env);
  const tell = (...lines: readonly string[]) => {
    if (!context.json) printLines(context, lines);
  };
  tell(`A small library and its roadmap are in ${safeLine(directory)}`);
  tell(
    agent === undefined
      ? 'The agents are scripted: a program that ships with Codewalk plays them, and no model is called.'
      : `The agents are real: ${agent} works on your account.`,
  );
  if (!options.run) {
    tell('', 'Next:', `  cd ${safeLine(directory)}`, `  ${cw} run`);
    return EXIT.ok;
  }
  tell('');
  return await context.within(directory, async (inside) => {
    const code = await runAndReport(inside, { roadmap: true, join: false, plain: false, verbose: false });
    if (code === EXIT.interrupted) {
      tell('', 'To go on where it stopped:', `  cd ${safeLine(directory)}`, `  ${cw} run`);
      return code;
    }
    return await conclude(inside, { ...options, directory, cw, tell });
  });
}

async function conclude(
  context: CliContext,
  run: DemoOptions & { directory: string; cw: string; tell: (...lines: readonly string[]) => void },
): Promise<ExitCode> {
  const { services, paint } = context;
  const { env, tell } = run;
  const scripted = run.agent === undefined;
  const { integrationBranch: branch } = (await services.config()).merge;
  const { root } = await services.project();
  const store = await services.store();
  const events = await store.events(0, { types: ACCOUNTED, limit: MOST_EVENTS });
  const account = takeAccount(events, (await services.roadmap.load()).plan);

  tell('', paint('bold', `The library's own tests on ${branch}:`));
  const onLine = (line: string) => tell(`  ${safeLine(line)}`);
  const testsPass = await testBranch({ root, branch, env, signal: context.stopSignal(), onLine });
  const graph = await commitGraph({ root, branch, env });
  tell('', paint('bold', `The commits of ${branch}:`), ...graph.map((line) => `  ${safeLine(line)}`));
  tell('', paint('bold', 'What happened:'), ...renderAccount(account).map((line) => `  ${line}`));

  const broken = brokenPromises(account, { scripted, testsPass });
  if (context.json) printResult(context, { directory: run.directory, scripted, testsPass, broken, account });
  if (broken.length > 0) {
    tell('', paint('red', 'Not as promised:'), ...broken.map((line) => `  ${safeLine(line)}`));
    tell(`  The repository stays for a look: cd ${safeLine(run.directory)} && ${run.cw} status`);
    return EXIT.failed;
  }
  tell('', paint('bold', 'What to try next:'));
  tell(...renderNextSteps({ directory: run.directory, cw: run.cw, scripted, paint }));
  return EXIT.ok;
}

function printResult(
  { io }: CliContext,
  result: {
    directory: string;
    scripted: boolean;
    testsPass: boolean;
    broken: readonly string[];
    account: Account;
  },
): void {
  const { account, ...rest } = result;
  io.out(`${safeJson({ demo: { ...rest, ...account } })}\n`);
}

/** The scripted agent is a program of its own, beside this file in source and bundle alike. */
function scriptedProvider(directory: string, env: NodeJS.ProcessEnv) {
  const program = fileURLToPath(new URL(`./demo/agent${extname(import.meta.url)}`, import.meta.url));
  const thinkMs = Number(env['CW_DEMO_THINK_MS'] ?? THINK_MS);
  return {
    command: process.execPath,
    args: [program],
    memory: join(directory, '.codewalk', 'state', 'scripted-agent'),
    thinkMs: thinkMs >= 0 ? thinkMs : THINK_MS,
  };
}

/** `cw` where a shell would find it, otherwise the program that is running. */
function howToCall(env: NodeJS.ProcessEnv): string {
  const found = findOnPath('cw', env);
  // npx and npm scripts put such directories on PATH for as long as they run.
  if (found !== undefined && !found.includes('node_modules')) return 'cw';
  return `node ${process.argv[1] ?? 'cw'}`;
}
