import { UsageError } from '../../core/errors.ts';

/**
 * The full ref name of a branch that a person named. Stricter than git-check-ref-format(1), which lets a name begin
 * with a dash when it is asked about the full ref. Throws `UsageError` with code `BRANCH_NAME`.
 */
export function branchRef(branch: string): string {
  const refused =
    branch === '' ||
    branch === '@' ||
    branch === 'HEAD' ||
    branch.startsWith('-') ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses control characters.
    /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(branch) ||
    branch.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'));
  if (!refused) return `refs/heads/${branch}`;
  throw new UsageError('BRANCH_NAME', `${JSON.stringify(branch)} cannot be the name of a branch`, {
    advice: 'Use letters, digits, dots, dashes and slashes, for example cw/integration.',
  });
}
