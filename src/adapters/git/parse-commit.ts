import type { ObjectId } from '../../core/ids.ts';

/** A commit object as git stores it. */
export interface ParsedCommit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  /** `Name <email> seconds zone`, as it stands in the object. */
  readonly author: string;
  readonly message: string;
}

/** Parses the content of a commit object; its headers end at the first empty line. */
export function parseCommit(content: Buffer): ParsedCommit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const all = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    tree: (all('tree')[0] ?? '') as ObjectId,
    parents: all('parent') as ObjectId[],
    author: all('author')[0] ?? '',
    message: end < 0 ? '' : text.slice(end + 2),
  };
}
