/** What a review or test comes to; the form in which every step ends. */
export type Verdict =
  | { status: 'done'; summary: string }
  | { status: 'rejected'; feedback: string }
  | { status: 'error'; reason: string };

/**
 * The scripted reviewer's one rule: whatever a module of `src/` exports anew has a test file of the same name in
 * the same change. Looks at the diff and nothing else.
 */
export function reviewDiff(diff: string | undefined): Verdict {
  const files = changedFiles(diff ?? '');
  if (files.size === 0) return { status: 'error', reason: 'there is no diff to review' };
  const missing: string[] = [];
  const tested: string[] = [];
  for (const [path, exported] of files) {
    const name = path.match(/^src\/(.+)\.mjs$/)?.[1];
    if (name === undefined || exported === undefined) continue;
    const test = `test/${name}.test.mjs`;
    if (files.has(test)) tested.push(`${test} tests ${exported.name}`);
    else
      missing.push(`${path}:${exported.line} exports ${exported.name}, but nothing tests it: add ${test}.`);
  }
  if (missing.length > 0) return { status: 'rejected', feedback: missing.join('\n') };
  return {
    status: 'done',
    summary: tested.length === 0 ? 'Nothing new is exported.' : `${tested.join(', ')}.`,
  };
}

/** The first function that a diff adds to a file, and its line there. */
interface Exported {
  readonly name: string;
  readonly line: number;
}

function changedFiles(diff: string): ReadonlyMap<string, Exported | undefined> {
  const files = new Map<string, Exported | undefined>();
  let path = '';
  let line = 0;
  for (const text of diff.split('\n')) {
    const file = text.match(/^\+\+\+ b\/(.+)$/)?.[1];
    const hunk = text.match(/^@@ -\S+ \+(\d+)/)?.[1];
    if (file !== undefined) {
      path = file;
      files.set(path, undefined);
    } else if (hunk !== undefined) line = Number(hunk);
    else if (text.startsWith('+') || text.startsWith(' ')) {
      const name = text.match(/^\+export function (\w+)/)?.[1];
      if (name !== undefined && files.has(path)) files.set(path, files.get(path) ?? { name, line });
      line += 1;
    }
  }
  return files;
}
