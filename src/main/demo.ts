import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../adapters/process/find-on-path.ts';
import { runAndReport } from '../surfaces/cli/commands/run.ts';
import type { CliContext, DemoOptions } from '../surfaces/cli/context.ts';
import { EXIT, type ExitCode } from '../surfaces/cli/exit-codes.ts';
import { printLines } from '../surfaces/cli/print.ts';
import { safeJson, safeLine } from '../surfaces/cli/safe-text.ts';
import { ACCOUNTED, type Account, takeAccount } from './demo/account.ts';
import { renderAccount, renderNextSteps, renderWayThere } from './demo/closing-words.ts';
import { branchGraph } from './demo/commit-graph.ts';
import { demoConfig } from './demo/config.ts';
import { checkDemoCanRun } from './demo/preflight.ts';
import { brokenPromises } from './demo/promises.ts';
import { createRepository, demoDirectory } from './demo/repository.ts';
import { testBranch } from './demo/test-branch.ts';

/** What an average task of the scripted agent seems to take: long enough to watch, ms. */
const THINK_MS = 600;
const MOST_EVENTS = 100_000;

/**
 * Makes a small repository with a roadmap, runs it to the end as `cw run` would, tests the result and checks from
 * the event log that everything happened that the demo is there to show. Exits with 1 when something did not.
 * Throws `UsageError` before anything is made when the demo cannot run here.
 */
export async function runDemo(
  context: CliContext,
  options: DemoOptions & { env: NodeJS.ProcessEnv },
): Promise<ExitCode> {
  const { agent, env } = options;
  await checkDemoCanRun({ agent, env });
  const directory = await demoDirectory(options.directory);
  await createRepository({ directory, config: demoConfig(agent ?? scriptedProvider(directory, env)), env });
  const demo: Demo = { directory, scripted: agent === undefined, env, alias: alias(env) };
  tell(context, [
    `A small library and its roadmap are in ${safeLine(directory)}`,
    demo.scripted
      ? 'The agents are scripted: a program that ships with Codewalk plays them, and no model is called.'
      : `The agents are real: ${agent} works on your account.`,
    '',
  ]);
  if (!options.run) {
    tell(context, ['Next:', ...renderWayThere(demo), '  cw run']);
    return EXIT.ok;
  }
  return await context.within(directory, async (inside) => {
    const code = await runAndReport(inside, { roadmap: true, plain: false, verbose: false });
    if (code !== EXIT.interrupted) return await conclude(inside, demo);
    tell(context, ['', 'To go on where it stopped:', ...renderWayThere(demo), '  cw run']);
    return code;
  });
}

/** A demo that was made. */
interface Demo {
  readonly directory: string;
  readonly scripted: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly alias: string | undefined;
}

/** Tests what came of the run, shows it, and holds it to what the demo promises. */
async function conclude(context: CliContext, demo: Demo): Promise<ExitCode> {
  const { services, paint } = context;
  const { directory, scripted, env } = demo;
  const { integrationBranch: branch } = (await services.config()).merge;
  const { root } = await services.project();
  const store = await services.store();
  const events = await store.events(0, { types: ACCOUNTED, limit: MOST_EVENTS });
  const account = takeAccount(events, (await services.roadmap.load()).plan);

  tell(context, ['', paint('bold', `The library's own tests on ${branch}:`)]);
  const onLine = (line: string) => tell(context, [`  ${safeLine(line)}`]);
  const testsPass = await testBranch({ root, branch, env, signal: context.stopSignal(), onLine });
  const graph = await branchGraph({ root, branch, env });
  tell(context, [
    '',
    paint('bold', `The commits of ${branch}:`),
    ...graph.map((line) => `  ${safeLine(line)}`),
  ]);
  tell(context, ['', paint('bold', 'What happened:'), ...renderAccount(account).map((line) => `  ${line}`)]);

  const broken = brokenPromises(account, { scripted, testsPass });
  if (context.json) printResult(context, { directory, scripted, testsPass, broken, account });
  if (broken.length > 0) {
    tell(context, ['', paint('red', 'Not as promised:'), ...broken.map((line) => `  ${safeLine(line)}`)]);
    tell(context, ['', 'Everything stays for a look:', ...renderWayThere(demo), '  cw status']);
    return EXIT.failed;
  }
  tell(context, ['', paint('bold', 'What to try next:'), ...renderNextSteps({ ...demo, paint })]);
  return EXIT.ok;
}

/** Words for people; with `--json` there are none. */
function tell(context: CliContext, lines: readonly string[]): void {
  if (!context.json) printLines(context, lines);
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
    installation: fileURLToPath(new URL('..', import.meta.url)),
    thinkMs: thinkMs >= 0 ? thinkMs : THINK_MS,
  };
}

/** A shell line that makes `cw` known, unless a shell finds it already. */
function alias(env: NodeJS.ProcessEnv): string | undefined {
  const found = findOnPath('cw', env);
  // npx and npm scripts put such directories on PATH for as long as they run.
  if (found !== undefined && !found.includes('node_modules')) return undefined;
  return `alias cw='node "${process.argv[1]}"'`;
}
