import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMANDS } from '../src/surfaces/cli/commands.ts';
import {
  dialogKeysByGroup,
  keysByGroup,
  keyText,
  type ListedGroup,
  type ListedKey,
} from '../src/surfaces/tui/keys.ts';

const MARKED = /(<!-- keys:[^\n]*-->\n)[\s\S]*?(<!-- \/keys -->)/;

/** The text of the guide with the keys as the terminal face has them. */
export function withKeyTable(guide: string): string {
  if (!MARKED.test(guide)) throw new Error('docs/guides/tui.md has lost the marks around its keys');
  return guide.replace(MARKED, (_, begin: string, end: string) => `${begin}\n${keyTable()}\n\n${end}`);
}

export async function writeKeyTable(root: string): Promise<void> {
  const path = join(root, 'docs/guides/tui.md');
  await writeFile(path, withKeyTable(await readFile(path, 'utf8')));
}

function keyTable(): string {
  const panes = keysByGroup().map((group) => table(group, '| key | what it does | in the shell |', rowOf));
  const dialogs = dialogKeysByGroup().map((group) => table(group, '| key | what it does |', dialogRow));
  return [...panes, 'What stands on top of the panes has keys of its own.', ...dialogs].join('\n\n');
}

function table({ title, keys }: ListedGroup, head: string, row: (key: ListedKey) => string): string {
  const rule = head.replaceAll(/[^|]+/g, '---');
  return [`**${title}**`, '', head, rule, ...keys.map(row)].join('\n');
}

function dialogRow({ keys, help }: ListedKey): string {
  return `| ${keys.map((each) => `\`${keyText(each)}\``).join(' ')} | ${help} |`;
}

function rowOf({ keys, help, panes, command }: ListedKey): string {
  const shown = keys.map((each) => `\`${keyText(each)}\``).join(' ');
  const where = panes === undefined ? '' : ` (${panes.join(', ')})`;
  return `| ${shown} | ${help}${where} | ${command === undefined ? '' : `\`${wholeCommand(command)}\``} |`;
}

/** With its arguments. */
function wholeCommand(line: string): string {
  const found = COMMANDS.find(({ id }) => `cw ${id.replace('.', ' ')}` === line);
  return [line, ...(found?.args ?? []).map(({ name }) => name)].join(' ');
}
