import type { ObjectId } from '../../core/ids.ts';
import type { Repository } from './repository.ts';
import { isSymlinkInside } from './symlink-inside.ts';

const SYMLINK = '120000';
const GITLINK = '160000';
/** Longer targets are no paths: Linux allows 4,095 bytes. */
const MOST_TARGET_BYTES = 4_096;
const MOST_NAMED = 20;

/**
 * What `tree` has and `onto` has not that would lead out of a checkout: symbolic links to a place outside, which a
 * later program follows, and repositories of others (gitlinks), whose content nobody has seen. Sentences for whoever
 * made them, with the paths; empty when there are none.
 */
export async function escapes(
  repo: Repository,
  { onto, tree }: { onto: ObjectId; tree: ObjectId },
): Promise<readonly { path: string; problem: string }[]> {
  const args = [
    'diff-tree',
    '-r',
    '--raw',
    '--no-renames',
    '--diff-filter=AMT',
    '-z',
    '--end-of-options',
    onto,
    tree,
  ];
  const fields = (await repo.text(args)).split('\0');
  const found: { path: string; problem: string }[] = [];
  for (let index = 0; index + 1 < fields.length && found.length < MOST_NAMED; index += 2) {
    const [oldMode = '', mode, , id = ''] = (fields[index] ?? '').slice(1).split(' ');
    const path = fields[index + 1] ?? '';
    if (mode === GITLINK && oldMode !== GITLINK) found.push({ path, problem: 'is a repository of its own' });
    if (mode !== SYMLINK) continue;
    const answer = await repo.run(['cat-file', 'blob', id], { maxBytes: MOST_TARGET_BYTES, cut: true });
    const target = answer.stdout.toString('utf8');
    if (!isSymlinkInside(path, target)) {
      found.push({
        path,
        problem: `is a link out of the project, to ${JSON.stringify(target.slice(0, 200))}`,
      });
    }
  }
  return found;
}
