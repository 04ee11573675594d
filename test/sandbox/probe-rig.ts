// Prints, as JSON, what each probe could do in a sandbox and what it could do without. Run by the tests, also as
// another user.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { prepareAgentGit } from '../../src/adapters/git/agent-git.ts';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import { BubblewrapConfiner } from '../../src/adapters/sandbox/confiner.ts';
import { LocalSandboxes } from '../../src/adapters/sandbox/sandboxes.ts';
import type { SandboxMode } from '../../src/core/agents/ports.ts';
import { programEnv } from '../../src/main/agent-env.ts';
import { makeRig } from '../git/rig.ts';

/** `inside` and `outside`: could it? `outside` is absent where trying would harm this machine. */
export interface ProbeResult {
  readonly name: string;
  readonly expected: 'blocked' | 'allowed';
  readonly inside: boolean;
  readonly outside: boolean | undefined;
}

interface Probe {
  /** A line for sh; it could when the exit code is 0. */
  readonly line: string;
  readonly expected: 'blocked' | 'allowed';
  /** Is it harmless without a sandbox? */
  readonly harmless: boolean;
}

/** Every probe once in a sandbox of `mode` without network, and the harmless ones once without. */
export async function runProbes(mode: Exclude<SandboxMode, 'off'>): Promise<readonly ProbeResult[]> {
  await using rig = await makeRig({ files: { 'a.txt': 'a\n' } });
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'cw-probe-')));
  const at = (name: string) => join(base, name);
  for (const name of ['home/.ssh', 'outside', 'shared/cache']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('home/.ssh/id'), 'secret');
  const { repo } = rig;
  repo.write('.env', 'SECRET=1\n');
  repo.write('.codewalk/state/codewalk.db', 'state');
  const other = await rig.open('other');
  const workspace = await rig.open('mine');
  symlinkSync(at('outside'), join(workspace.path, 'way-out'));
  await using tcp = await listen(0);
  await using _ = await listen(at('shared/socket'));
  await using hidden = await listen(join(tmpdir(), `cw-probe-${process.pid}.socket`));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: at('home'),
    GITHUB_TOKEN: 'secret',
    XDG_CACHE_HOME: at('shared/cache'),
    SSH_AUTH_SOCK: at('shared/socket'),
  };
  const connect = (target: string) =>
    `"$NODE" -e 'require("net").connect(${target}).on("connect",()=>process.exit(0)).on("error",()=>process.exit(1))'`;
  const blocked = (line: string, harmless = true): Probe => ({ line, expected: 'blocked', harmless });
  const allowed = (line: string): Probe => ({ line, expected: 'allowed', harmless: true });
  const git = join(repo.root, '.git');
  const probes: Record<string, Probe> = {
    'read a key of the person': blocked(`cat "${at('home/.ssh/id')}"`),
    'list the home of the person': blocked(
      `test -n "$(ls -A '${at('home')}')" && ls -d '${at('home/.ssh')}'`,
    ),
    'read passwords of the machine': blocked('test -s /etc/shadow && cat /etc/shadow', true),
    'read a host key': blocked('cat /etc/ssh/ssh_host_*_key | grep -q .', false),
    'write to /etc': blocked('echo x > /etc/cw-probe', false),
    'write to /usr': blocked('echo x > /usr/cw-probe', false),
    'write to /var': blocked('echo x > /var/cw-probe', false),
    'write through a link out of the worktree': blocked('echo x > way-out/written'),
    'write to a directory that others share': blocked(`echo x > "${at('shared/written')}"`),
    'read .env of the checkout': blocked(`cat "${repo.root}/.env"`),
    'read the state of Codewalk': blocked(`cat "${repo.root}/.codewalk/state/codewalk.db"`),
    'read the worktree of another task': blocked(`cat "${other.path}/a.txt"`),
    'read the git config of the repository': blocked(`cat "${git}/config"`),
    'write the git config of the repository': blocked(
      `echo '[x]' >> "${git}/config" && grep -q x "${git}/description"`,
      false,
    ),
    'plant a hook in the repository': blocked(
      `mkdir -p "${git}/hooks" && echo x > "${git}/hooks/post-commit"`,
      false,
    ),
    'add an object to the repository': blocked(`echo x > "${git}/objects/planted"`),
    'replace the .git file of the worktree': blocked('rm -f .git && mkdir .git', false),
    'connect to a port of the machine': blocked(connect(`${tcp.port},"127.0.0.1"`)),
    'connect to a socket in a readable directory': blocked(connect(JSON.stringify(at('shared/socket')))),
    'connect to a socket in /tmp': blocked(connect(JSON.stringify(hidden.path))),
    'be told where the signing agent listens': blocked('test -n "$SSH_AUTH_SOCK"'),
    'see a process of the machine': blocked(
      `test -d /proc/${process.pid} && grep -q node /proc/${process.pid}/comm`,
    ),
    'signal a process of the machine': blocked(`kill -0 ${process.pid}`),
    'read the environment of a process outside': blocked(
      `tr '\\0' '\\n' < /proc/${process.pid}/environ | grep -q PATH`,
    ),
    'inherit a secret': blocked('test -n "$GITHUB_TOKEN"'),
    'find an open file of its parent': blocked(
      'for fd in /proc/self/fd/*; do case "$(readlink "$fd")" in */shared*|*cw-repo*) exit 0;; esac; done; exit 1',
      false,
    ),
    'change the kernel by /proc/sys': blocked(
      'v=$(cat /proc/sys/kernel/core_pattern) && echo "$v" > /proc/sys/kernel/core_pattern',
      false,
    ),
    'change the kernel by /sys': blocked(
      'for f in /sys/kernel/mm/*/enabled; do echo madvise > "$f" && exit 0; done; exit 1',
      false,
    ),
    mount: blocked('mount -t tmpfs none "$HOME"', false),
    'make a user namespace': blocked('unshare --user true'),
    'leave by chroot': blocked('chroot / true', false),
    'make a device': blocked('mknod "$HOME/disk" b 8 0', false),
    'set the clock': blocked('date -s "$(date)"', false),
    'write in the worktree': allowed('echo x > new.txt'),
    'commit with git': allowed('git add -A && git commit -qm work && git log --oneline | grep -q work'),
    'stash with git': allowed(
      'echo y >> a.txt && git stash -q && git stash list | grep -q . && git stash drop -q',
    ),
    'write in its home': allowed('mkdir -p "$HOME/x" && echo x > "$HOME/x/y"'),
    'write to its cache, which lies in a readable directory': allowed(
      'mkdir "$XDG_CACHE_HOME/x" && rmdir "$XDG_CACHE_HOME/x"',
    ),
    'write in /tmp': allowed('echo x > "/tmp/cw-probe-$$" && rm "/tmp/cw-probe-$$"'),
    'name hosts and users': allowed('test -r /etc/resolv.conf && test -r /etc/passwd'),
  };
  const sandboxes = new LocalSandboxes({
    settings: { mode, network: false, readable: [at('shared'), NODE_HOME], writable: [], env: [] },
    directory: join(repo.root, '.codewalk/state/homes'),
    availability,
    viewRepository: (each, directory) => prepareAgentGit(rig.repository, each, directory),
    environment: (all, provider, as) => {
      const { GITHUB_TOKEN: _, ...rest } = programEnv(all, { provider, mode: as, named: [] });
      return rest;
    },
  });
  const results: ProbeResult[] = [];
  for (const [name, { line, expected, harmless }] of Object.entries(probes)) {
    await using sandbox = await sandboxes.prepare({ workspace, env });
    if (sandbox.confinement === undefined) throw new Error('There is no sandbox');
    const plain = { program: '/bin/sh', args: ['-c', line], cwd: workspace.path };
    const shut = await new BubblewrapConfiner(availability).confine(
      { ...plain, env: { ...sandbox.env, NODE: process.execPath } },
      sandbox.confinement,
    );
    const inside = await succeeds(shut);
    const outside =
      harmless && expected === 'blocked'
        ? await succeeds({ ...plain, env: { ...env, NODE: process.execPath } })
        : undefined;
    results.push({ name, expected, inside, outside });
  }
  const left = ['outside/written', 'shared/written'].filter((name) => existsSync(at(name)));
  // The ones without a sandbox did write.
  if (left.length !== 2) throw new Error(`The controls left only ${left.join(', ')}`);
  if (readFileSync(at('home/.ssh/id'), 'utf8') !== 'secret')
    throw new Error('The key of the person was changed');
  rmSync(base, { recursive: true, force: true });
  return results;
}

/** The node that runs this, which may lie in a hidden place. */
const NODE_HOME = join(process.execPath, '..', '..');
const availability = async () => await findAvailability(findOnPath('bwrap', process.env));

async function succeeds(program: {
  program: string;
  args: readonly string[];
  env: Record<string, string> | Readonly<Record<string, string>>;
  cwd: string;
}): Promise<boolean> {
  const child = spawn(program.program, program.args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], , stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (stderr.startsWith('bwrap:')) throw new Error(stderr);
  return code === 0;
}

async function listen(where: string | number) {
  const server = createServer((connection) => connection.end());
  server.listen(typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where });
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    path: String(where),
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

if (import.meta.main) {
  const mode = process.argv[2] === 'strict' ? 'strict' : 'workspace';
  console.log(JSON.stringify(await runProbes(mode)));
}
