import { isolatedEnv } from '../../adapters/git/environment.ts';
import { runGit } from '../../adapters/git/git.ts';

/** The history of `branch` as a drawing, one line each, newest first. */
export async function commitGraph(options: {
  root: string;
  branch: string;
  env: NodeJS.ProcessEnv;
}): Promise<readonly string[]> {
  const { root, branch, env } = options;
  const { stdout } = await runGit({
    args: ['log', '--graph', '--oneline', '--no-color', '--no-decorate', branch],
    cwd: root,
    env: isolatedEnv(env),
  });
  return stdout.toString('utf8').trimEnd().split('\n');
}
