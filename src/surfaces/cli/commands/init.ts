import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { CodewalkError, messageOf, UsageError } from '../../../core/errors.ts';
import { ID_PATTERN } from '../../../core/id-pattern.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { AgentCli, CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { STARTER_CONFIG, starterRoadmap } from '../starter.ts';

const BUILT_IN_ROLES = ['orchestrator', 'coder', 'reviewer', 'tester'] as const;

type Result = 'wrote' | 'kept' | 'updated';

interface InitFile {
  readonly path: string;
  readonly text: string;
  /** Ours to renew; any other file is the user's once it is there. */
  readonly ours: boolean;
}

export const init: Action = async (context, { options }) => {
  const { services, paint } = context;
  const project = await services.project();
  const found = await services.setup.agentClis();
  const configPath = join(project.root, '.codewalk', 'config.json');
  const isNew = (await readIfThere(configPath)) === undefined;
  const provider = await chooseProvider(context, {
    given: textOption(options.agent),
    mayAsk: isNew && options.yes !== true,
    found,
  });
  const schemas = await services.setup.schemas();
  const inSchema = (name: string): string => join(project.root, '.codewalk', 'schema', name);
  const files: readonly InitFile[] = [
    {
      path: project.roadmapPath,
      text: starterRoadmap(ID_PATTERN.test(project.name) ? project.name : undefined),
      ours: false,
    },
    { path: configPath, text: STARTER_CONFIG, ours: false },
    { path: inSchema('config.schema.json'), text: schemas.config, ours: true },
    { path: inSchema('roadmap.schema.json'), text: schemas.roadmap, ours: true },
  ];
  const results: { path: string; result: Result }[] = [];
  for (const file of files) {
    results.push({ path: relative(project.root, file.path), result: await write(file) });
  }
  if (provider !== undefined) {
    for (const role of BUILT_IN_ROLES) {
      await services.settings.set('project', ['agents', role, 'provider'], provider);
    }
  }
  if (context.json) {
    printJson(context, { root: project.root, files: results, agentClis: found, provider: provider ?? null });
    return EXIT.ok;
  }
  printLines(context, [
    ...results.map(
      ({ path, result }) =>
        `${paint(result === 'kept' ? 'dim' : 'green', result.padEnd(7))}  ${safeLine(path)}`,
    ),
    '',
    ...describeClis(found, provider),
    '',
    'Next:',
    `  1. Write your tasks into ${safeLine(results[0]?.path ?? 'roadmap.yaml')}, or: cw task add "…"`,
    '  2. cw roadmap check',
    '  3. cw run',
  ]);
  return EXIT.ok;
};

/** The provider to write into the config: the one asked for, or chosen on a terminal where several are found. */
async function chooseProvider(
  context: CliContext,
  options: { given: string | undefined; mayAsk: boolean; found: readonly AgentCli[] },
): Promise<string | undefined> {
  const known = Object.keys((await context.services.config()).providers);
  const check = (name: string): string => {
    if (known.includes(name)) return name;
    const meant = nearest(name, known);
    throw new UsageError('UNKNOWN_PROVIDER', `there is no provider ${quoted(name)}`, {
      advice: meant === undefined ? `the config has ${known.join(', ')}` : `did you mean ${meant}?`,
    });
  };
  const { given, found } = options;
  if (given !== undefined) return check(given);
  const first = found[0];
  if (!options.mayAsk || context.json || first === undefined || found.length < 2 || !context.io.canAsk)
    return undefined;
  const names = found.map((each) => each.name);
  const answer = await context.io.ask(
    `Which agent CLI serves the built-in agents? ${names.join(', ')} [${first.name}] `,
  );
  return check(answer.trim() === '' ? first.name : answer.trim());
}

function describeClis(found: readonly AgentCli[], provider: string | undefined): string[] {
  const first = found[0];
  if (first === undefined) {
    return [
      'No agent CLI was found on PATH.',
      '  Install Claude Code, Codex, Goose, OpenCode or Gemini CLI, or add a provider of your own to .codewalk/config.json.',
    ];
  }
  const width = Math.max(...found.map((each) => each.name.length));
  const used = provider ?? first.name;
  return [
    'Agent CLIs found:',
    ...found.map((each) => {
      const note = each.name === used ? '  (serves the built-in agents)' : '';
      return `  ${each.name.padEnd(width)}  ${safeLine(each.path)}${note}`;
    }),
  ];
}

async function write(file: InitFile): Promise<Result> {
  const before = await readIfThere(file.path);
  if (before !== undefined && (!file.ours || before === file.text)) return 'kept';
  try {
    await mkdir(dirname(file.path), { recursive: true });
    // Exclusive, so that a file that somebody makes in this moment is not written over.
    await writeFile(file.path, file.text, { flag: file.ours ? 'w' : 'wx' });
  } catch (error) {
    throw new CodewalkError('UNWRITABLE', `${file.path} cannot be written: ${messageOf(error)}`, {
      advice: 'check that the disk is not read-only and that the directory is yours',
      cause: error,
    });
  }
  return before === undefined ? 'wrote' : 'updated';
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    // A directory or an unreadable file is there all the same; whoever needs it says what is wrong.
    return '';
  }
}
