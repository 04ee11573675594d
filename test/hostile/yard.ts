import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRepo, plainGit, type TestRepo } from '../support/repo.ts';
import { ATTRIBUTES, type Evidence, makeEvidence } from './plants.ts';

/** A place to use git carelessly. What is run there may fail: only what the plants left behind counts. */
export interface Yard extends Disposable {
  readonly repo: Pick<TestRepo, 'root' | 'git' | 'write'>;
  readonly evidence: Evidence;
  git(...args: string[]): void;
  /** Git that reads `input`. */
  feed(input: string, ...args: string[]): void;
  /** A command line of a shell. */
  shell(line: string): void;
  /** A command line of a shell on a terminal. */
  terminal(line: string): void;
  /** Changes every file that the attributes name, and the README. */
  change(): void;
}

export const hasTerminal = spawnSync('script', ['--version']).status === 0;

const CHANGING = ['README.md', 'a.evil', 'a.daemon', 'a.converted'];

/**
 * The repository that every yard is a copy of. `main` and `side` are in conflict, `apart` merges with both, `ahead`
 * follows `main`, and `origin` is an empty repository in the git directory.
 */
export async function makeTemplate(): Promise<TestRepo> {
  const repo = await makeRepo();
  const commit = (text: string, files: readonly string[]) => {
    for (const path of files) repo.write(path, `${text}\n`);
    repo.commit(text);
  };
  repo.write('.gitattributes', ATTRIBUTES);
  commit('first', CHANGING);
  for (const branch of ['side', 'apart']) repo.git('branch', branch);
  commit('main', ['README.md', 'a.evil']);
  repo.git('checkout', '-q', '-b', 'ahead');
  commit('ahead', ['ahead.txt']);
  repo.git('checkout', '-q', 'apart');
  commit('apart', ['apart.txt']);
  repo.git('checkout', '-q', 'side');
  commit('side', ['README.md', 'a.evil']);
  repo.git('checkout', '-q', 'main');
  repo.git('init', '-q', '--bare', '.git/origin.git');
  repo.git('remote', 'add', 'origin', '.git/origin.git');
  return repo;
}

export function makeYard(template: TestRepo): Yard {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'cw-yard-')));
  const root = join(base, 'repo');
  cpSync(template.root, root, { recursive: true });
  const evidence = makeEvidence(join(base, 'evidence'));
  const options: SpawnSyncOptionsWithStringEncoding = {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: base,
      TERM: 'xterm',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    encoding: 'utf8',
    timeout: 20_000,
  };
  const run = (input: string, program: string, args: readonly string[]) => {
    spawnSync(program, args, { ...options, input });
  };
  const write: TestRepo['write'] = (path, text) => template.write(path, text, root);
  return {
    repo: { root, write, git: (...args) => plainGit(root, ...args) },
    evidence,
    git: (...args) => run('', 'git', args),
    feed: (input, ...args) => run(input, 'git', args),
    shell: (line) => run('', 'sh', ['-c', line]),
    terminal: (line) => run('', 'script', ['-qec', line, '/dev/null']),
    change() {
      for (const path of CHANGING) write(path, 'changed\n');
    },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}
