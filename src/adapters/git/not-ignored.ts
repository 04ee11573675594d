import type { Worktree } from './worktree.ts';

/** Those directories among `paths` that a commit of everything would take in, or that hold tracked files already. */
export async function notIgnored(worktree: Worktree, paths: readonly string[]): Promise<string[]> {
  const [ignored, tracked] = await Promise.all([
    worktree.run(['check-ignore', '-z', '--stdin'], {
      input: paths.map((path) => `${path}/\0`).join(''),
      answers: [0, 1],
      // The command refuses to run with it.
      env: { GIT_LITERAL_PATHSPECS: '0' },
    }),
    worktree.run(['ls-files', '-z', '--', ...paths]),
  ]);
  const asIgnored = new Set(entries(ignored.stdout));
  const held = entries(tracked.stdout);
  return paths.filter(
    (path) => !asIgnored.has(`${path}/`) || held.some((file) => file === path || file.startsWith(`${path}/`)),
  );
}

function entries(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '');
}
