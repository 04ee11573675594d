// Fetches the real agent CLIs that the tests run against: node scripts/agent-clis.ts install
// It needs npm and, on Linux, the C++ runtime libraries that Goose is linked with.
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Absolute paths of the programs; Gemini's is a script that needs the `node` of the PATH. */
export interface AgentClis {
  readonly claude: string;
  readonly codex: string;
  readonly goose: string;
  readonly opencode: string;
  readonly gemini: string;
}

interface Release {
  /** Packages with exact versions, as npm takes them. */
  readonly packages: readonly string[];
  /** Programs, relative to the folder npm installed into. */
  readonly programs: AgentClis;
}

const CLAUDE = '2.1.329';
const CODEX = '0.169.0';
const GOOSE = '0.20.1';
const OPENCODE = '1.18.33';
const GEMINI = '0.61.0';

// The programs are those of the platform packages: the wrappers in front of them need either a postinstall script
// or a Node of their own. Codex names its folders after the Rust target.
const RUST_TARGETS: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
};

/**
 * What to fetch for a platform such as `linux-x64`, named as Node names operating systems and processors.
 * Throws for a platform that one of the CLIs is not published for.
 */
function releaseFor(platform: string): Release {
  const target = RUST_TARGETS[platform];
  if (!target) {
    throw new Error(
      `The agent CLIs are fetched for ${Object.keys(RUST_TARGETS).join(', ')}, not for ${platform}`,
    );
  }
  return {
    packages: [
      `@anthropic-ai/claude-code@${CLAUDE}`,
      `@openai/codex@${CODEX}`,
      `@aaif/goose-binary-${platform}@${GOOSE}`,
      `opencode-${platform}@${OPENCODE}`,
      `@google/gemini-cli@${GEMINI}`,
    ],
    programs: {
      claude: `node_modules/@anthropic-ai/claude-code-${platform}/claude`,
      codex: `node_modules/@openai/codex-${platform}/vendor/${target}/bin/codex`,
      goose: `node_modules/@aaif/goose-binary-${platform}/bin/goose`,
      opencode: `node_modules/opencode-${platform}/bin/opencode`,
      gemini: 'node_modules/.bin/gemini',
    },
  };
}

/**
 * The agent CLIs, fetched at most once per set of versions: into `$CODEWALK_CLI_CACHE`, by default
 * `~/.cache/codewalk/agent-clis`, about 1.3 GB. Quick when they are there. Several processes may ask at once: one
 * fetches, the others wait. Throws with the next step when npm fails or a program does not run.
 */
export async function installAgentClis(): Promise<AgentClis> {
  const release = releaseFor(`${process.platform}-${process.arch}`);
  const cache = process.env.CODEWALK_CLI_CACHE || join(homedir(), '.cache', 'codewalk', 'agent-clis');
  const versions = createHash('sha256').update(release.packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cache, versions);
  const clis = programsIn(folder, release);
  if (missing(clis).length > 0) {
    await mkdir(cache, { recursive: true });
    await withLock(`${folder}.lock`, async () => {
      if (missing(clis).length > 0) await install(release, folder);
    });
  }
  return clis;
}

function programsIn(folder: string, { programs }: Release): AgentClis {
  return {
    claude: join(folder, programs.claude),
    codex: join(folder, programs.codex),
    goose: join(folder, programs.goose),
    opencode: join(folder, programs.opencode),
    gemini: join(folder, programs.gemini),
  };
}

function missing(clis: AgentClis): string[] {
  return Object.values(clis).filter((program: string) => !existsSync(program));
}

async function install(release: Release, folder: string): Promise<void> {
  const unfinished = `${folder}.${randomUUID()}`;
  try {
    await mkdir(unfinished);
    // A package.json of its own keeps npm from looking for a project further up.
    await writeFile(join(unfinished, 'package.json'), '{ "private": true }\n');
    await fetchPackages(release, unfinished);
    await verify(programsIn(unfinished, release), join(unfinished, 'home'));
    await rm(join(unfinished, 'home'), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function fetchPackages({ packages }: Release, folder: string): Promise<void> {
  const flags = [
    '--ignore-scripts',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--loglevel=error',
  ];
  try {
    await run('npm', ['install', ...flags, '--prefix', folder, ...packages], { cwd: folder });
  } catch (cause) {
    throw new Error(
      `npm could not fetch ${packages.join(', ')}. Check that npm reaches its registry, then run: ` +
        `node scripts/agent-clis.ts install\n${said(cause)}`,
      { cause },
    );
  }
}

/** Starts each program once, with a home of its own because some write there even for their version. */
async function verify(clis: AgentClis, home: string): Promise<void> {
  await mkdir(home);
  const env = { PATH: process.env.PATH, HOME: home };
  for (const [name, program] of Object.entries(clis) as [keyof AgentClis, string][]) {
    if (!existsSync(program)) {
      // npm passes over an optional platform package that it cannot fetch.
      throw new Error(
        `npm installed ${name} without its program for ${process.platform}-${process.arch} (${program}). ` +
          'Check that optional dependencies are not omitted, then run: node scripts/agent-clis.ts install',
      );
    }
    try {
      await run(program, ['--version'], { env });
    } catch (cause) {
      const libraries =
        name === 'goose' && process.platform === 'linux'
          ? ' It needs glibc, libgomp and libstdc++; on Debian: apt-get install libgomp1 libstdc++6'
          : '';
      throw new Error(`${name} was fetched but does not run (${program}).${libraries}\n${said(cause)}`, {
        cause,
      });
    }
  }
}

function said(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim();
}

const LOCK_POLL_MS = 200;
// Process ids of a dead container or machine mean nothing here, so age settles what they cannot.
const LOCK_STALE_MS = 15 * 60_000;

/** Runs `work` while holding the lock file; one whose process has ended is taken over. */
async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    // A link appears together with its content, so that nobody reads a lock without an owner.
    while (!(await linked(mine, file))) {
      if (await isAbandoned(file)) await rm(file, { force: true });
      else await sleep(LOCK_POLL_MS);
    }
    try {
      await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return Date.now() - mtimeMs > LOCK_STALE_MS || !isAlive(Number(owner));
  } catch (error) {
    // Its owner has just let go.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

if (import.meta.main) {
  if (process.argv[2] !== 'install') {
    console.error('Usage: node scripts/agent-clis.ts install');
    process.exitCode = 2;
  } else {
    try {
      console.log(JSON.stringify(await installAgentClis(), null, 2));
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
}
