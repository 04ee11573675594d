/** `git@host:owner/name.git` */
const SCP = /^[^/@:]+@([^/:]+):(.+)$/;
/** `https://host/owner/name`, `ssh://git@host:22/owner/name` */
const URL = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/;
const NAME = /^[A-Za-z0-9_.-]+$/;

/** The host and `owner/name` in the address of a git remote; undefined for a directory and what is nothing of that kind. */
export function repositoryName(address: string): { host: string; repository: string } | undefined {
  const [, host, path] = URL.exec(address) ?? SCP.exec(address) ?? [];
  if (host === undefined || path === undefined) return undefined;
  const parts = path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/');
  const [owner, name] = parts;
  if (parts.length !== 2 || owner === undefined || name === undefined) return undefined;
  if (!NAME.test(owner) || !NAME.test(name)) return undefined;
  return { host: host.toLowerCase(), repository: `${owner}/${name}` };
}
