import { GitProposalBranch } from '../adapters/git/proposal-branch.ts';
import { GitRemote } from '../adapters/git/remote.ts';
import { readRemote } from '../adapters/git/remote-settings.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { GitHubForge } from '../adapters/github/github-forge.ts';
import type { Config } from '../core/config/schema.ts';
import type { Forge } from '../core/delivery/ports.ts';
import type { ProposalParts } from '../core/delivery/propose.ts';
import { repositoryName } from '../core/delivery/repository-name.ts';
import { UsageError } from '../core/errors.ts';
import type { Store } from '../core/tasks/ports.ts';
import { programVersion } from './cli/version.ts';

const DEFAULT_REMOTE = 'origin';
const GITHUB = 'github.com';
const GITHUB_API = 'https://api.github.com';

/**
 * What pull requests of this project are made with. Throws `UsageError` for a remote, repository or token that is not
 * there. The token is read here and given to nobody but the client.
 */
export async function proposalParts(project: {
  repository: Repository;
  config: Config;
  store: Store;
  env: NodeJS.ProcessEnv;
}): Promise<ProposalParts> {
  const { repository, config, store, env } = project;
  const name = config.merge.remote ?? DEFAULT_REMOTE;
  const settings = await readRemote(repository.facts, name, env).catch((error: unknown) => {
    if (!(error instanceof UsageError) || error.code !== 'REMOTE_UNKNOWN') throw error;
    throw new UsageError('NO_REMOTE', `a pull request needs a remote, and there is none called ${name}`, {
      advice: `git remote add ${name} <address of the repository at GitHub>`,
      cause: error,
    });
  });
  const forge = forgeOf(config, settings.fetchUrl, { env, remote: name });
  return { store, forge, branches: new GitProposalBranch(repository, new GitRemote(repository, settings)) };
}

function forgeOf(
  { github }: Config,
  address: string,
  { env, remote }: { env: NodeJS.ProcessEnv; remote: string },
): Forge {
  const { apiUrl, tokenEnv } = github;
  const found = repositoryName(address);
  const repository = github.repository ?? found?.repository;
  const isElsewhere = found !== undefined && found.host !== GITHUB && apiUrl === GITHUB_API;
  if (repository === undefined || (github.repository === undefined && isElsewhere)) {
    const where = found === undefined ? 'is at no forge' : `is at ${found.host}`;
    throw new UsageError(
      'NO_FORGE',
      `it is not known which repository at GitHub this is: ${remote} ${where}`,
      {
        advice: 'cw config set github.repository owner/name; for a GitHub of your own also github.apiUrl',
      },
    );
  }
  const token = env[tokenEnv];
  if (token === undefined || token === '') {
    throw new UsageError(
      'NO_TOKEN',
      `a pull request needs a token, and the variable ${tokenEnv} is not set`,
      {
        advice: `Make one that may write pull requests of ${repository}, and export ${tokenEnv}=… (a server that runs already: cw server restart)`,
      },
    );
  }
  return new GitHubForge({ repository, apiUrl, token, tokenEnv, version: programVersion() });
}
