import type { Account } from './account.ts';

/**
 * What the demo promises and did not keep, one line each. A real agent may write its test at once, or avoid the
 * conflict: only the script promises a rejected review, a conflict and a wait for a lock.
 */
export function brokenPromises(
  account: Account,
  run: { readonly scripted: boolean; readonly testsPass: boolean },
): readonly string[] {
  const broken = [...account.violations];
  if (account.unfinished.length > 0) broken.push(`not done: ${account.unfinished.join(', ')}`);
  const twice = account.merged.filter((task, i) => account.merged.indexOf(task) !== i);
  if (twice.length > 0) broken.push(`merged more than once: ${twice.join(', ')}`);
  if (!run.testsPass) broken.push('the tests of the library fail on the integration branch');
  if (!run.scripted) return broken;
  if (account.rejections.length === 0) broken.push('no review was rejected');
  if (account.conflicts.length === 0) broken.push('no merge conflicted');
  if (account.lockWaits.length === 0) broken.push('no task waited for a file lock');
  return broken;
}
