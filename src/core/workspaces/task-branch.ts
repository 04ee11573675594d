import type { TaskId } from '../ids.ts';

/**
 * The branch of a task: `cw/<id>`. Two tasks never share one, and none is the integration branch or stands in its
 * way. Ids may end or double a dot or end in `.lock`, which git refuses in a ref (git-check-ref-format(1)): such a
 * dot becomes `%2E`. `%` itself cannot stand in an id, so the names stay unique.
 */
export function taskBranch(id: TaskId, integrationBranch: string): string {
  const name = id
    .replace(/(?<=\.)\./g, '%2E')
    .replace(/\.$/, '%2E')
    .replace(/\.lock$/, '%2Elock');
  // A ref is a file: where the branch `cw` is one, `cw/` cannot be a directory.
  const folder = integrationBranch === 'cw' ? 'cw%' : 'cw';
  const branch = `${folder}/${name}`;
  const clashes = integrationBranch === branch || integrationBranch.startsWith(`${branch}/`);
  return clashes ? `${folder}/%${name}` : branch;
}

/** The branch that saved work of a task is brought back to, unless a person names one. */
export function recoveredBranch(task: TaskId, saved: string): string {
  return `${taskBranch(task, '').replace(/^cw\//, 'recovered/')}-${saved}`;
}
