import { branchRef } from '../../adapters/git/branch-name.ts';
import { commitGraph } from '../../adapters/git/diff.ts';
import { openRepository } from '../../adapters/git/repository.ts';

/** The history of `branch` as a drawing, one line each, newest first. */
export async function branchGraph(options: {
  root: string;
  branch: string;
  env: NodeJS.ProcessEnv;
}): Promise<readonly string[]> {
  await using repository = await openRepository(options.root, options.env);
  const to = await repository.requireCommit(branchRef(options.branch));
  return (await commitGraph(repository, { from: undefined, to })).trimEnd().split('\n');
}
