import { createHash } from 'node:crypto';
import type { ObjectId } from '../../core/ids.ts';
import type { FileNumbers, FileStatus } from '../../core/workspaces/ports.ts';
import type { Repository } from './repository.ts';

interface CommitRange {
  readonly from: ObjectId;
  readonly to: ObjectId;
}

const OPTIONS = ['--no-ext-diff', '--no-textconv', '--no-color', '--find-renames', '--submodule=short'];

const STATUSES: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  // Copies are not looked for: what looks like one is a new file.
  C: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'retyped',
};

/**
 * Unified diff from one commit to another, cut at `maxBytes` with a last line that says so. `paths`: only of these
 * files, by their names before and after; our git takes them literally.
 */
export async function diffText(
  repo: Repository,
  { from, to, maxBytes, paths }: CommitRange & { maxBytes: number; paths?: readonly string[] },
): Promise<string> {
  const only = paths === undefined ? [] : ['--', ...paths];
  const args = ['diff', ...OPTIONS, '--end-of-options', from, to, ...only];
  const answer = await repo.run(args, { maxBytes, cut: true });
  const text = answer.stdout.toString('utf8');
  if (!answer.cut) return text;
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return `${whole}[The diff is longer than ${maxBytes} bytes and was cut here.]\n`;
}

/**
 * A hash over which files change, from what to what. What others do to other files changes nothing in it; what they do
 * to one of these does, since that file then begins from something else.
 */
export async function changesFingerprint(repo: Repository, { from, to }: CommitRange): Promise<string> {
  const args = [
    'diff',
    '--raw',
    '--no-abbrev',
    '-z',
    ...OPTIONS,
    '--no-renames',
    '--end-of-options',
    from,
    to,
  ];
  return createHash('sha256')
    .update(await repo.text(args))
    .digest('hex');
}

/** What happened to each file, in git's order. */
export async function diffNumbers(repo: Repository, { from, to }: CommitRange): Promise<FileNumbers[]> {
  const args = ['diff', '--raw', '--numstat', '-z', ...OPTIONS, '--end-of-options', from, to];
  return parseNumbers((await repo.text(args)).split('\0'));
}

/**
 * All lines of `--raw -z`, then all of `--numstat -z`, see git-diff(1), "RAW OUTPUT FORMAT" and "OTHER DIFF FORMATS":
 * `:<modes and ids> <status>NUL<path>NUL`, with two paths for a rename, and `<added>TAB<deleted>TAB<path>NUL`, with an
 * empty path and then both for a rename.
 */
function parseNumbers(fields: readonly string[]): FileNumbers[] {
  const statuses = new Map<string, FileStatus>();
  const files: FileNumbers[] = [];
  const left = fields.values();
  const next = (): string => left.next().value ?? '';
  for (let field = next(); field !== ''; field = next()) {
    if (field.startsWith(':')) {
      const letter = field.slice(field.lastIndexOf(' ') + 1, field.lastIndexOf(' ') + 2);
      const before = next();
      statuses.set(letter === 'R' || letter === 'C' ? next() : before, STATUSES[letter] ?? 'modified');
      continue;
    }
    const [insertions = '', deletions = '', ...rest] = field.split('\t');
    const plain = rest.join('\t');
    const before = plain === '' ? next() : undefined;
    const path = before === undefined ? plain : next();
    const binary = insertions === '-';
    files.push({
      path,
      status: statuses.get(path) ?? 'modified',
      ...(before === undefined ? {} : { from: before }),
      insertions: binary ? 0 : Number(insertions),
      deletions: binary ? 0 : Number(deletions),
      binary,
    });
  }
  return files;
}

/** The commits up to `to` that are not in `from`, drawn as a graph, one line each. */
export async function commitGraph(
  repo: Repository,
  { from, to }: { from: ObjectId | undefined; to: ObjectId },
): Promise<string> {
  const range = from === undefined ? [to] : [`^${from}`, to];
  const args = [
    'log',
    '--graph',
    '--no-color',
    '--date-order',
    '--format=%h %s',
    '--end-of-options',
    ...range,
  ];
  return repo.text(args, { maxBytes: 1_048_576, cut: true });
}
