import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_GROUPS, COMMANDS } from '../src/surfaces/cli/commands.ts';

const MARKED = /(<!-- commands:[^\n]*-->\n)[\s\S]*?(<!-- \/commands -->)/;

/** The text of README.md with the list of commands as the command line has them. */
export function withCommandList(readme: string): string {
  if (!MARKED.test(readme)) throw new Error('README.md has lost the marks around its list of commands');
  return readme.replace(MARKED, (_, begin: string, end: string) => `${begin}\n${commandList()}\n\n${end}`);
}

export async function writeCommandList(root: string): Promise<void> {
  const path = join(root, 'README.md');
  await writeFile(path, withCommandList(await readFile(path, 'utf8')));
}

function commandList(): string {
  const rows = COMMAND_GROUPS.flatMap((group) =>
    COMMANDS.filter((command) => command.group === group).map(({ id, args = [], summary }) => {
      const call = ['cw', ...id.split('.'), ...args.map(({ name }) => name)].join(' ');
      return `| \`${call}\` | ${summary} |`;
    }),
  );
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}
