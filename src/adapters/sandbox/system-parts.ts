import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { SystemPart } from './bwrap-arguments.ts';

/** Programs and libraries. /nix and /gnu hold them where the distribution of that name is used. */
const PROGRAMS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store'];

/** What programs need of /etc to run, to name users and hosts, and to trust certificates. No host keys, no shadow. */
const SETTINGS = [
  'alternatives',
  'ca-certificates',
  'crypto-policies',
  'group',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'passwd',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
];

/** What mode `strict` shows of the system. */
export function systemParts(): SystemPart[] {
  const programs = PROGRAMS.flatMap((path): SystemPart[] => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return [stat.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }];
  });
  const settings = SETTINGS.map((name) => `/etc/${name}`).filter((path) => existsSync(path));
  return [...programs, ...settings.map((path) => ({ path }))];
}
