import type { PageProblem } from '../../core/files/ports.ts';
import { visible } from '../../core/source/problem.ts';

/** What stands beside a page that could not be taken over. */
export function warningText(name: string, { line, col, message, advice }: PageProblem): string {
  return `${visible(name)}:${line}:${col}: ${visible(message)}
${visible(advice)}

The file is as you saved it, and nothing of it was carried out. This warning goes when it is mended.
`;
}
