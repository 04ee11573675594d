import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BANS, type Ban } from './bans.ts';

export interface BanViolation {
  readonly ban: string;
  readonly place: string;
  readonly text: string;
  readonly reason: string;
}

/** What in `files` (paths below `root`) breaks one of `bans`. Binary files are passed over. */
export async function banViolations(
  root: string,
  files: readonly string[],
  bans: readonly Ban[] = BANS,
): Promise<readonly BanViolation[]> {
  const found: BanViolation[] = [];
  const needed = new Set<string>();
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '\0');
    if (text.includes('\0')) continue;
    for (const ban of bans.filter((candidate) => candidate.files.test(file))) {
      for (const match of text.matchAll(ban.pattern)) {
        needed.add(`${ban.name} ${file}`);
        if (file in ban.allowed) continue;
        const line = text.slice(0, match.index).split('\n').length;
        found.push({ ban: ban.name, place: `${file}:${line}`, text: match[0].trim(), reason: ban.reason });
      }
    }
  }
  return [...found, ...unneeded(bans, needed)];
}

function unneeded(bans: readonly Ban[], needed: ReadonlySet<string>): readonly BanViolation[] {
  return bans.flatMap(({ name, allowed }) =>
    Object.keys(allowed)
      .filter((file) => !needed.has(`${name} ${file}`))
      .map((file) => ({
        ban: name,
        place: 'scripts/bans.ts',
        text: file,
        reason: 'It is allowed but not needed any more: take the entry out.',
      })),
  );
}

/** What only this machine knows: where its home and this checkout are, and which registry it asks. */
export function bansOfThisMachine(root: string, env: NodeJS.ProcessEnv): readonly Ban[] {
  const registry = env.npm_config_registry === undefined ? [] : [new URL(env.npm_config_registry).hostname];
  const texts = [root, homedir(), ...registry].filter((text) => text.length > 6 && text !== 'localhost');
  return texts.map((text) => ({
    name: 'nothing-of-this-machine',
    reason: 'It is true on this machine only.',
    files: /./,
    pattern: new RegExp(RegExp.escape(text), 'g'),
    allowed: {},
  }));
}

/** Files that are, or are about to be, in the repository; the deliberate violations are not among them. */
function repositoryFiles(root: string): readonly string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  });
  return list.split('\0').filter((file) => file !== '' && !file.startsWith('test/fixtures/violations/'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve('.');
  const files = repositoryFiles(root);
  const violations = await banViolations(root, files, [...BANS, ...bansOfThisMachine(root, process.env)]);
  for (const { ban, place, text, reason } of violations) {
    console.error(`${ban}: ${place}: ${text}\n    ${reason}`);
  }
  console.log(`bans: ${files.length} files, ${violations.length} violations`);
  if (violations.length > 0 || files.length === 0) process.exitCode = 1;
}
