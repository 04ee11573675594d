/**
 * Does a symbolic link at `path` of a tree stay inside the tree? The directories above it are real ones, so leading
 * `..` can be counted; one after a name cannot, because the name may be a link itself.
 */
export function isSymlinkInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const up = parts.findIndex((part) => part !== '..');
  const climbs = up < 0 ? parts.length : up;
  return climbs <= path.split('/').length - 1 && !parts.slice(climbs).includes('..');
}
