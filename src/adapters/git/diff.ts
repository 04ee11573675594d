import type { ObjectId } from '../../core/ids.ts';
import type { FileNumbers } from '../../core/workspaces/ports.ts';
import type { Repository } from './repository.ts';

interface CommitRange {
  readonly from: ObjectId;
  readonly to: ObjectId;
}

const OPTIONS = ['--no-ext-diff', '--no-textconv', '--no-color', '--find-renames', '--submodule=short'];

/** Unified diff from one commit to another, cut at `maxBytes` with a last line that says so. */
export async function diffText(
  repo: Repository,
  { from, to, maxBytes }: CommitRange & { maxBytes: number },
): Promise<string> {
  const answer = await repo.run(['diff', ...OPTIONS, '--end-of-options', from, to], { maxBytes, cut: true });
  const text = answer.stdout.toString('utf8');
  if (!answer.cut) return text;
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return `${whole}[The diff is longer than ${maxBytes} bytes and was cut here.]\n`;
}

/** Insertions and deletions of each file, in git's order. */
export async function diffNumbers(repo: Repository, { from, to }: CommitRange): Promise<FileNumbers[]> {
  const args = ['diff', '--numstat', '-z', ...OPTIONS, '--no-renames', '--end-of-options', from, to];
  return (await repo.list(args)).map((entry) => {
    const [insertions = '', deletions = '', ...path] = entry.split('\t');
    const binary = insertions === '-';
    return {
      path: path.join('\t'),
      insertions: binary ? 0 : Number(insertions),
      deletions: binary ? 0 : Number(deletions),
      binary,
    };
  });
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
