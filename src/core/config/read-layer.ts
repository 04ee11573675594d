import { parseJson } from '../source/json.ts';
import { ProblemList } from '../source/problem.ts';
import { checkConfigFile } from './check-file.ts';
import type { ConfigText } from './ports.ts';
import type { ConfigProblem, ConfigProblemCode } from './problem.ts';
import type { ConfigLayer } from './resolve.ts';

export type CheckedText =
  | { readonly layer: ConfigLayer; readonly problems: readonly [] }
  | { readonly layer?: undefined; readonly problems: readonly ConfigProblem[] };

/** One config file, checked by itself. */
export function checkConfigText({
  scope,
  path,
  text,
}: Pick<ConfigText, 'scope' | 'path'> & { readonly text: string }): CheckedText {
  const problems = new ProblemList<ConfigProblemCode>(path, text);
  const parsed = parseJson(text);
  if (parsed.kind === 'failed')
    problems.add(parsed.at, 'syntax', `This is not JSON: ${parsed.message}`, parsed.advice);
  const value = parsed.kind === 'parsed' ? checkConfigFile(parsed.tree, problems) : undefined;
  if (parsed.kind === 'failed' || value === undefined) return { problems: problems.sorted() };
  return { layer: { scope, file: path, text, tree: parsed.tree, value }, problems: [] };
}
