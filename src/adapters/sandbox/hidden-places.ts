import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isWithin, realPath } from './paths.ts';

/** Sockets, locks and other people's temporary files; /tmp has a private directory in its place. */
const SHARED = ['/run', '/var/run', '/var/tmp', '/home', '/root'];
/** Below /etc. */
const SECRETS = [
  'shadow',
  'shadow-',
  'gshadow',
  'gshadow-',
  'sudoers',
  'sudoers.d',
  'ssl/private',
  'pki/tls/private',
  'wireguard',
  'NetworkManager/system-connections',
  'krb5.keytab',
  'docker',
  'kubernetes',
];
/** From here on user ids are people's (login.defs, UID_MIN); 65534 is nobody. */
const FIRST_PERSON = 1_000;
const NOBODY = 65_534;

/** Directories of this machine that no agent sees: the homes of all people, and where sockets are. */
export function hostPlaces(): string[] {
  const all = [...SHARED, ...homes(), homedir(), userInfo().homedir];
  const real = new Set(all.filter((path) => existsSync(path)).map((path) => realpathSync(path)));
  return [...real].filter((path) => path !== '/');
}

/**
 * Secrets of the machine that this user could read, as root can: passwords, host keys, private keys. Files and
 * directories.
 */
export function systemSecrets(): string[] {
  const hostKeys = namesIn('/etc/ssh').filter((name) => /^ssh_host_.*_key$/.test(name));
  const all = [...SECRETS, ...hostKeys.map((name) => `ssh/${name}`)].map((name) => `/etc/${name}`);
  return all.filter((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Homes that stand elsewhere than in /home. */
function homes(): string[] {
  return readOr('/etc/passwd', '')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , id]) => Number(id) >= FIRST_PERSON && Number(id) !== NOBODY)
    .flatMap(([, , , , , home]) => (home?.startsWith('/') ? [home] : []));
}

/**
 * Sockets with a path on which something listens now. A read-only mount does not keep anybody from connecting, so
 * each is covered: a database, a container daemon, an agent that signs.
 */
export function openSockets(): string[] {
  // "Num RefCount Protocol Flags Type St Inode Path", see proc_net(5); a name that begins with @ has no file.
  const paths = readOr('/proc/net/unix', '')
    .split('\n')
    .flatMap((line) => /^\S+: (?:\S+ ){6}(\/.*)$/.exec(line.replace(/ +/g, ' '))?.[1] ?? []);
  return [...new Set(paths)].filter(isSocket);
}

/** The files that name resolution reads, where they stand in a hidden directory, as with systemd-resolved. */
export function resolverFiles(hidden: readonly string[]): string[] {
  const path = realPath('/etc/resolv.conf');
  return existsSync(path) && hidden.some((each) => isWithin(path, each)) ? [path] : [];
}

/** False also where this user may not look: whom we start may not either. */
function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
