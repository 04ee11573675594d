import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A repository in a temporary directory, deleted when it is disposed. */
export interface TestRepo extends AsyncDisposable {
  readonly root: string;
  /** Plain git in the checkout; returns its output without the last line end. */
  git(...args: string[]): string;
  /** Writes a file of the checkout, or of another directory. */
  write(path: string, text: string, directory?: string): void;
  /** Commits everything in the checkout and returns the commit. */
  commit(message: string): string;
}

/** Makes a repository on branch `main` with `files` in its first commit; `init` goes to `git init`. */
export async function makeRepo(
  options: { files?: Readonly<Record<string, string>>; init?: readonly string[] } = {},
): Promise<TestRepo> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cw-repo-')));
  const repo: TestRepo = {
    root,
    git: (...args) => plainGit(root, ...args),
    write(path, text, directory = root) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    },
    commit(message) {
      plainGit(root, 'add', '-A');
      plainGit(root, 'commit', '--quiet', '--allow-empty', '-m', message);
      return plainGit(root, 'rev-parse', 'HEAD');
    },
    async [Symbol.asyncDispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
  plainGit(root, 'init', '--quiet', '--initial-branch=main', ...(options.init ?? []));
  plainGit(root, 'config', 'user.name', 'Ada');
  plainGit(root, 'config', 'user.email', 'ada@example.com');
  const files = options.files ?? { 'README.md': 'Hello\n' };
  for (const [path, text] of Object.entries(files)) repo.write(path, text);
  repo.commit('Start');
  return repo;
}

/** Git as a person or an agent runs it, without the config of this machine. */
export function plainGit(cwd: string, ...args: string[]): string {
  const env: NodeJS.ProcessEnv = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  for (const name of Object.keys(env)) {
    if (name.startsWith('GIT_') && !name.startsWith('GIT_CONFIG')) delete env[name];
  }
  return execFileSync('git', args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 256 * 1_048_576,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}
