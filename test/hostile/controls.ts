import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hook, Setting } from './plants.ts';
import type { Yard } from './yard.ts';

/** The careless act that makes a plant run; or why none does, the act that seems to be one, and what it takes instead. */
export type Control = Act | { readonly never: string; readonly tried: Act; readonly instead: Act };
type Act = (yard: Yard) => void;

const CREDENTIAL = 'protocol=https\nhost=example.invalid\n\n';

const commit: Act = ({ git }) => git('commit', '-q', '--allow-empty', '-m', 'x');
const applyPatch: Act = ({ shell }) => shell('git format-patch -1 --stdout apart | git am -q');
const pushToItself: Act = ({ git }) => git('push', '-q', '.', 'main:refs/heads/new');
const diff: Act = ({ change, git }) => {
  change();
  git('diff');
};
const add: Act = ({ change, git }) => {
  change();
  git('add', '-A');
};
const sign =
  (...settings: string[]): Act =>
  ({ git }) =>
    git(...settings.flatMap((setting) => ['-c', setting]), 'commit', '-q', '--allow-empty', '-S', '-m', 'x');
const page =
  (command: string): Act =>
  ({ change, terminal }) => {
    change();
    terminal(`git ${command}`);
  };

export const SETTING_CONTROLS: Record<Setting, Control> = {
  'alias.st': ({ git }) => git('st'),
  'browser.x.cmd': ({ git }) => git('web--browse', 'https://example.invalid'),
  'core.alternateRefsCommand': ({ repo, git }) => {
    repo.write('.git/objects/info/alternates', '../origin.git/objects\n');
    git('push', '-q', 'origin', 'main');
    git('fetch', '-q', '.', 'side');
  },
  'core.askPass': ({ feed }) => feed(CREDENTIAL, 'credential', 'fill'),
  'core.editor': ({ git }) => git('commit', '--allow-empty'),
  'core.fsmonitor': ({ git }) => git('status'),
  'core.gitProxy': ({ git }) => git('ls-remote', 'git://example.invalid/x'),
  'core.pager': page('log'),
  'core.sshCommand': ({ git }) => git('ls-remote', 'ssh://example.invalid/x'),
  'credential.helper': ({ feed }) => feed(CREDENTIAL, 'credential', 'fill'),
  'diff.converted.textconv': diff,
  'diff.evil.command': diff,
  'diff.external': diff,
  'difftool.x.cmd': ({ change, git }) => {
    change();
    git('difftool', '-y');
  },
  'filter.daemon.process': add,
  'filter.evil.clean': add,
  'filter.evil.smudge': ({ git }) => git('checkout', '-q', 'side'),
  'gpg.program': sign(),
  'gpg.ssh.defaultKeyCommand': sign('gpg.format=ssh'),
  'gpg.ssh.program': sign('gpg.format=ssh', 'user.signingKey=key::ssh-ed25519 AAAA'),
  'gpg.x509.program': sign('gpg.format=x509'),
  'interactive.diffFilter': ({ change, terminal }) => {
    change();
    terminal('echo q | git add -p');
  },
  'man.x.cmd': ({ git }) => git('help', '-m', 'git'),
  'merge.evil.driver': ({ git }) => git('merge', '-q', 'side'),
  'mergetool.x.cmd': ({ git }) => {
    git('merge', '-q', 'side');
    git('mergetool', '-y');
  },
  'pager.diff': page('diff'),
  'pager.log': page('log'),
  'pager.status': page('status'),
  'protocol.ext.allow': ({ git }) => git('fetch', '-q', 'evil'),
  'remote.origin.receivepack': ({ git }) => git('push', '-q', 'origin', 'main'),
  'remote.origin.uploadpack': ({ git }) => git('fetch', '-q', 'origin'),
  'sequence.editor': ({ git }) => git('rebase', '-i', 'HEAD~1'),
  'submodule.evil.update': ({ repo, git }) => {
    git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', '--name', 'evil', repo.root, 'sub');
    git('-C', 'sub', 'checkout', '-q', 'HEAD~1');
    git('submodule', 'update');
  },
  'tar.x.command': ({ git }) => git('archive', '--format=x', 'HEAD'),
  'trailer.x.cmd': ({ git }) => git('commit', '-q', '--allow-empty', '-m', 'x', '--trailer', 'x=1'),
  'trailer.y.command': ({ feed }) => feed('subject\n', 'interpret-trailers'),
  'uploadpack.packObjectsHook': {
    never: 'git takes it from the config of the person or the command line alone',
    tried: ({ git }) => git('clone', '-q', '--no-local', '.', '.git/tried'),
    instead: ({ shell }) =>
      shell('GIT_CONFIG_GLOBAL=$PWD/.git/config git clone -q --no-local -o other . .git/instead'),
  },
};

export const HOOK_CONTROLS: Record<Hook, Control> = {
  'applypatch-msg': applyPatch,
  'commit-msg': commit,
  'fsmonitor-watchman': ({ git }) => git('-c', 'core.fsmonitor=.git/hooks/fsmonitor-watchman', 'status'),
  'post-applypatch': applyPatch,
  'post-checkout': ({ git }) => git('checkout', '-q', 'side'),
  'post-commit': commit,
  'post-index-change': add,
  'post-merge': ({ git }) => git('merge', '-q', 'ahead'),
  'post-receive': pushToItself,
  'post-rewrite': ({ git }) => git('commit', '-q', '--amend', '-m', 'x'),
  'post-update': pushToItself,
  'pre-applypatch': applyPatch,
  'pre-auto-gc': ({ git }) => {
    git('repack', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    git('repack', '-q');
    git('-c', 'gc.autoPackLimit=1', '-c', 'gc.autoDetach=false', 'gc', '--auto', '-q');
  },
  'pre-commit': commit,
  'pre-merge-commit': ({ git }) => git('merge', '-q', 'apart'),
  'pre-push': ({ git }) => git('push', '-q', 'origin', 'main'),
  'pre-rebase': ({ git }) => git('rebase', '-q', 'apart'),
  'pre-receive': pushToItself,
  'prepare-commit-msg': commit,
  'proc-receive': (yard) => {
    yard.git('config', 'receive.procReceiveRefs', 'refs/heads/new');
    pushToItself(yard);
  },
  'push-to-checkout': ({ git }) => {
    git('config', 'receive.denyCurrentBranch', 'updateInstead');
    git('push', '-q', '.', 'ahead:main');
  },
  'reference-transaction': ({ git }) => git('update-ref', 'refs/heads/new', 'main'),
  update: pushToItself,
};

const read = ({ repo }: Yard, path: string) => readFileSync(join(repo.root, path), 'utf8');
const start = ({ command, args }: { command: string; args: readonly string[] }) => spawnSync(command, args);

/** What a CLI does that trusts the project's settings. */
const claudeHook =
  (event: string): Act =>
  (yard) => {
    const { hooks } = JSON.parse(read(yard, '.claude/settings.json'));
    yard.shell(hooks[event][0].hooks[0].command);
  };
/** By the names that the commands in the files leave; the real CLIs that read them are asked in `test/real-clis`. */
export const FILE_CONTROLS: Record<string, Control> = {
  'claude-session-start': claudeHook('SessionStart'),
  'claude-pre-tool': claudeHook('PreToolUse'),
  mcp: (yard) => start(JSON.parse(read(yard, '.mcp.json')).mcpServers.evil),
  'codex-mcp': (yard) => {
    const lines = read(yard, '.codex/config.toml').matchAll(/^(\w+) = (.*)$/gm);
    const server = Object.fromEntries([...lines].map(([, key, value]) => [key, JSON.parse(value ?? '')]));
    start({ command: server['command'], args: server['args'] });
  },
  vscode: (yard) => {
    const [task] = JSON.parse(read(yard, '.vscode/tasks.json')).tasks;
    if (task.runOptions.runOn === 'folderOpen') yard.shell(task.command);
  },
  env: ({ shell }) => shell('set -a; . ./.env'),
  submodule: ({ shell }) =>
    shell(
      'git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),sub" && ' +
        'GIT_ALLOW_PROTOCOL=ext git submodule update --init sub',
    ),
  // `git submodule` itself refuses such a URL (CVE-2018-17456); a script that hands it on does not.
  dash: ({ shell }) => shell('git ls-remote "$(git config -f .gitmodules submodule.dash.url)" .'),
};
