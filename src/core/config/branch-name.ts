/** May a branch have this name? The rules of `git check-ref-format --branch`, for names without `@{…}`. */
export function isBranchName(name: string): boolean {
  if (name === '@' || name === 'HEAD' || name.startsWith('-') || name.startsWith('refs/')) return false;
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/u.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
