import { branchRef } from '../adapters/git/branch-name.ts';
import { GitIntegration } from '../adapters/git/integration.ts';
import { GitRemote } from '../adapters/git/remote.ts';
import { readRemote } from '../adapters/git/remote-settings.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { SharedIntegration } from '../adapters/git/shared-integration.ts';
import { SharedTasks } from '../adapters/git/shared-tasks.ts';
import type { Config } from '../core/config/schema.ts';
import { CodewalkError, UsageError } from '../core/errors.ts';
import type { IntegrationRepo } from '../core/workspaces/ports.ts';
import { RemoteError } from '../core/workspaces/remote-error.ts';

/** The git remote that hosts share; absent: this repository is the only one. Throws `UsageError` when it cannot be one. */
export async function sharedRemote(
  repository: Repository,
  { merge }: Pick<Config, 'merge'>,
  env: NodeJS.ProcessEnv,
): Promise<GitRemote | undefined> {
  if (merge.remote === undefined) return undefined;
  return new GitRemote(repository, await readRemote(repository.facts, merge.remote, env));
}

/** The integration branch, and the tasks of other hosts, as the config wants them. Asks the remote once. */
export async function integrationOf(
  repository: Repository,
  { merge }: Pick<Config, 'merge'>,
  env: NodeJS.ProcessEnv,
): Promise<{ integration: IntegrationRepo; tasks: SharedTasks | undefined }> {
  const remote = await sharedRemote(repository, { merge }, env);
  if (remote === undefined) return { integration: new GitIntegration(repository), tasks: undefined };
  // What a person has to mend is found before anything is started.
  await remote.list([branchRef(merge.integrationBranch)]).catch(unlessItPasses);
  const tasks = new SharedTasks(repository, remote);
  return { integration: new SharedIntegration(repository, { remote, tasks }), tasks };
}

/** At a start, what a person has to mend is bad configuration: whoever starts it again changes nothing. */
function unlessItPasses(error: unknown): never {
  if (!(error instanceof RemoteError) || error.passes) throw error;
  throw new UsageError(error.code, error.message, { advice: error.advice, cause: error });
}

/** Brings a branch of this repository to the remote, only forward. Throws `CodewalkError` when it went on there. */
export async function pushBranch(repository: Repository, remote: GitRemote, branch: string): Promise<void> {
  const ref = branchRef(branch);
  const to = await repository.requireCommit(ref);
  const at = (await remote.list([ref])).get(ref);
  if (at !== undefined && (await repository.commit(at)) === undefined) await remote.fetch([{ ref }]);
  const forward = at === undefined || (await repository.isAncestor(at, to));
  if (forward && (await remote.push([{ ref, from: at, to }])) === 'accepted') return;
  throw new CodewalkError('PUSH_REFUSED', `${branch} has commits at ${remote.name} that are not here`, {
    advice: `Bring them in, then push: git pull ${remote.name} ${branch} && git push ${remote.name} ${branch}`,
  });
}

/** Throws `RemoteError` when this host cannot read or may not write there. Changes nothing. */
export async function tryRemote(repository: Repository, remote: GitRemote): Promise<void> {
  const { head } = repository.facts;
  await remote.list(['HEAD']);
  await remote.push([{ ref: 'refs/codewalk/probe', from: undefined, to: head.commit }], { dryRun: true });
}
