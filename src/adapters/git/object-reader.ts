import { CodewalkError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { objectId } from '../../core/ids.ts';
import type { LongLivedGit } from './long-lived-git.ts';
import type { ParsedCommit } from './parse-commit.ts';
import { parseCommit } from './parse-commit.ts';

const NEWLINE = 0x0a;
const REMEMBERED = 256;

/** Answers questions about refs and objects from one process (`cat-file --batch-command`). */
export class ObjectReader implements AsyncDisposable {
  readonly #git: LongLivedGit;
  /** A commit never changes, and the same few are asked for again and again. */
  readonly #commits = new Map<ObjectId, ParsedCommit>();

  constructor(git: LongLivedGit) {
    this.#git = git;
  }

  /** The object that `name` stands for now, or `undefined`. Refs are read anew each time. */
  async resolve(name: string): Promise<ObjectId | undefined> {
    const line = await this.#git.ask(`info ${oneLine(name)}\n`, (bytes) => {
      const end = bytes.indexOf(NEWLINE);
      return end < 0 ? undefined : { value: bytes.toString('utf8', 0, end), used: end + 1 };
    });
    const parsed = objectId.safeParse(line.slice(0, line.indexOf(' ')));
    return parsed.success && !line.endsWith(' missing') ? parsed.data : undefined;
  }

  async commit(id: ObjectId): Promise<ParsedCommit> {
    const known = this.#commits.get(id);
    if (known !== undefined) return known;
    const content = await this.#contents(id);
    if (content === undefined) {
      throw new CodewalkError('COMMIT_MISSING', `The commit ${id} is not in the repository`, {
        advice: 'The history is incomplete: fetch what is missing, for example: git fetch --unshallow',
      });
    }
    const parsed = parseCommit(content);
    if (this.#commits.size >= REMEMBERED) this.#commits.clear();
    this.#commits.set(id, parsed);
    return parsed;
  }

  #contents(id: ObjectId): Promise<Buffer | undefined> {
    return this.#git.ask(`contents ${id}\n`, (bytes) => {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) return undefined;
      const [, type, size] = bytes.toString('utf8', 0, end).split(' ');
      if (type === 'missing') return { value: undefined, used: end + 1 };
      const used = end + 1 + Number(size) + 1;
      return bytes.length < used ? undefined : { value: bytes.subarray(end + 1, used - 1), used };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#git[Symbol.asyncDispose]();
  }
}

function oneLine(name: string): string {
  if (name.includes('\n')) throw new Error(`A ref or object name on two lines: ${JSON.stringify(name)}`);
  return name;
}
