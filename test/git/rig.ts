import { GitIntegration } from '../../src/adapters/git/integration.ts';
import type { Repository } from '../../src/adapters/git/repository.ts';
import { openRepository } from '../../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../../src/adapters/git/workspaces.ts';
import type { ObjectId, TaskId } from '../../src/core/ids.ts';
import type { CommitMessage, Workspace } from '../../src/core/workspaces/ports.ts';
import type { TestRepo } from '../support/repo.ts';
import { makeRepo } from '../support/repo.ts';

export const INTEGRATION = 'cw/integration';

/** A repository with the adapter on it, and what every test does with it. */
export interface Rig extends AsyncDisposable {
  readonly repo: TestRepo;
  readonly repository: Repository;
  readonly workspaces: GitWorkspaces;
  readonly integration: GitIntegration;
  /** Opens the task's worktree from the head of the integration branch. */
  open(task: string): Promise<Workspace>;
  /** Opens, writes and snapshots. */
  work(
    task: string,
    files: Readonly<Record<string, string>>,
  ): Promise<{ workspace: Workspace; head: ObjectId }>;
  head(): Promise<ObjectId>;
}

export async function makeRig(
  options: { files?: Readonly<Record<string, string>>; init?: readonly string[]; poolSize?: number } = {},
): Promise<Rig> {
  const repo = await makeRepo(options);
  return attachRig(repo, options);
}

/** Another orchestrator on the same repository; disposing it leaves the repository to the first. */
export async function attachRig(
  repo: TestRepo,
  options: { poolSize?: number; env?: NodeJS.ProcessEnv; era?: string } = {},
): Promise<Rig> {
  const repository = await openRepository(repo.root, options.env ?? process.env);
  const workspaces = new GitWorkspaces(repository, {
    integrationBranch: INTEGRATION,
    poolSize: options.poolSize ?? 2,
    era: async () => options.era ?? 'one',
  });
  const integration = new GitIntegration(repository);
  const head = () => integration.ensureBranch(INTEGRATION, undefined);
  const open = async (task: string) => workspaces.open({ task: task as TaskId, base: await head() });
  return {
    repo,
    repository,
    workspaces,
    integration,
    head,
    open,
    async work(task, files) {
      const workspace = await open(task);
      for (const [path, text] of Object.entries(files)) repo.write(path, text, workspace.path);
      const { commit } = await workspaces.snapshot(workspace, message(task));
      return { workspace, head: commit };
    },
    async [Symbol.asyncDispose]() {
      await repository[Symbol.asyncDispose]();
      await repo[Symbol.asyncDispose]();
    },
  };
}

export function message(task: string, subject = `Work on ${task}`): CommitMessage {
  return { subject, trailers: { 'Codewalk-Task': task, 'Codewalk-Attempt': '1' } };
}
