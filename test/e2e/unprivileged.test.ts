import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { type CwOptions, copyInstalledCw, cw, spawnCw, type User } from '../support/installed-cw.ts';
import type { PrintedEvent } from './project.ts';

/** Who has no rights and no files. Only root can become it; anybody else is unprivileged already. */
const NOBODY: User = { uid: 65_534, gid: 65_534 };
const USER = process.getuid?.() === 0 ? NOBODY : undefined;

/** Root could read and change all of this in spite of the permissions. */
const AGENT = `cat > /dev/null
echo "$CW_TASK_ID" > "$CW_TASK_ID.txt"
case $CW_TASK_ID in
  waits)
    if [ ! -f half.txt ]; then echo half > half.txt; echo ready; sleep 600; fi ;;
  closes-files)
    echo text > unreadable.txt; chmod 000 unreadable.txt
    mkdir shut fixed; echo text > shut/in.txt; echo text > fixed/in.txt
    chmod 000 shut; chmod 555 fixed ;;
  closes-places)
    mkdir -p "$HOME/.cache/deep"; echo text > "$HOME/.cache/deep/file"
    # Without a sandbox this is the person's own home, and /tmp everybody's.
    if [ ! -e "$HOME/own" ]; then chmod 000 "$HOME/.cache" "$HOME" /tmp; fi
    chmod 000 . ;;
esac
echo '{"status":"done","summary":"done"}'
`;
const ROADMAP = `version: 1
tasks:
  - { id: closes-files, prompt: x }
  - { id: closes-places, prompt: x, verify: test -f closes-places.txt }
  - { id: waits, prompt: x }
  - { id: follows, prompt: x, depends_on: [waits], verify: test -f half.txt }
`;

async function makePlace(t: TestContext) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'cw-unprivileged-')));
  const [home, root] = [join(base, 'home'), join(base, 'project')];
  const ofHome = () =>
    [...processTable().variable('HOME')].flatMap(([pid, each]) =>
      each === home && processTable().row(pid)?.zombie === false ? [pid] : [],
    );
  t.after(() => {
    for (const pid of ofHome()) process.kill(pid, 'SIGKILL');
    spawnSync('chmod', ['-R', 'u+rwx', base]);
    rmSync(base, { recursive: true, force: true, maxRetries: 5 });
  });
  chmodSync(base, 0o755);
  const agent = join(base, 'agent.sh');
  writeFileSync(agent, AGENT, { mode: 0o644 });
  for (const path of [home, root]) {
    mkdirSync(path);
    if (USER !== undefined) chownSync(path, USER.uid, USER.gid);
  }
  const launcher = USER === undefined ? {} : { launcher: await copyInstalledCw(join(base, 'installed')) };
  const env = { XDG_CACHE_HOME: undefined };
  const options: CwOptions = { cwd: root, home, env, user: USER, ...launcher };
  const bwrap = findOnPath('bwrap', process.env);
  const canConfine =
    bwrap !== undefined &&
    spawnSync(bwrap, ['--unshare-user', '--ro-bind', '/', '/', '--proc', '/proc', 'true'], {
      ...USER,
      cwd: '/',
    }).status === 0;
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      ...USER,
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: home },
    }).trimEnd();
  const write = (path: string, text: string) => {
    writeFileSync(join(root, path), text);
    if (USER !== undefined) chownSync(join(root, path), USER.uid, USER.gid);
  };
  writeFileSync(join(home, 'own'), '');
  if (USER !== undefined) chownSync(join(home, 'own'), USER.uid, USER.gid);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.com');
  write('roadmap.yaml', ROADMAP);
  git('add', '-A');
  git('commit', '--quiet', '-m', 'Start');
  const config = {
    providers: { scripted: { type: 'command', command: 'sh', args: [agent] } },
    agents: { coder: { provider: 'scripted' } },
    retry: { maxAttempts: 2, baseMs: 1, maxMs: 10 },
    sandbox: { readable: [agent] },
  };
  mkdirSync(join(root, '.codewalk'));
  if (USER !== undefined) chownSync(join(root, '.codewalk'), USER.uid, USER.gid);
  write('.codewalk/config.json', JSON.stringify(config));
  return { options, git, processes: ofHome, owned: [home, root], sandbox: canConfine ? 'workspace' : 'off' };
}

test('S3-68 a user without rights gets a plan done, in sandboxes, through kill -9 and whatever agents close', async (t) => {
  const { options, git, processes, owned, sandbox } = await makePlace(t);
  await using running = await spawnCw(['run', '--json'], options);
  const started = await running.line((line) => line.includes('"type":"orchestrator.started"'));
  await running.line((line) => line.includes('"type":"agent.output"') && line.includes('"ready"'));
  process.kill(Number((JSON.parse(started) as PrintedEvent)['pid']), 'SIGKILL');
  const { code, stdout, stderr } = await running.end;

  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, /^note: the orchestrator crashed \(SIGKILL\)/m);
  assert.deepEqual(git('ls-tree', '-r', '--name-only', 'cw/integration').split('\n'), [
    'closes-files.txt',
    'closes-places.txt',
    'fixed/in.txt',
    'follows.txt',
    'half.txt',
    'roadmap.yaml',
    'shut/in.txt',
    'unreadable.txt',
    'waits.txt',
  ]);
  const events = stdout
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as PrintedEvent]));
  const starts = events.filter(({ type }) => type === 'agent.started');
  assert.deepEqual([...new Set(starts.map((event) => event['sandbox']))], [sandbox]);
  for (const args of [
    ['worktree', 'prune'],
    ['recover', 'list'],
  ]) {
    const answer = await cw(args, options);
    assert.equal(answer.code, 0, answer.stderr);
  }
  assert.deepEqual(processes(), []);
  const uid = USER?.uid ?? userInfo().uid;
  const all = owned.flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
  );
  assert.deepEqual(
    all.filter((path) => lstatSync(path).uid !== uid),
    [],
  );
});
