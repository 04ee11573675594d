import { crashPoint } from '../../core/crash-points.ts';
import { type ObjectId, objectId, type TaskId, taskId } from '../../core/ids.ts';
import {
  SAVE_REASONS,
  type SavedWork,
  type SaveReason,
  type Saving,
} from '../../core/workspaces/saved-work.ts';
import { messageText } from './commit-message.ts';
import type { ParsedCommit } from './parse-commit.ts';
import type { Repository } from './repository.ts';
import type { TaskRefs } from './task-refs.ts';

const ID_DIGITS = 12;

const WHY: Readonly<Record<SaveReason, string>> = {
  killed: 'It lay in the worktree when the agent was about to be stopped.',
  cancelled: 'It lay in the worktree when the task was cancelled.',
  merge: 'It lay in the worktree uncommitted when the task was about to be merged.',
  verify: 'The check of the merged result left it in the worktree.',
  discarded: 'A role that may not edit left it in the worktree.',
  rewritten: 'An agent rewrote these commits, or left them beside its branch.',
  'clean-up': 'It was about to be removed with the worktree.',
  elsewhere: 'It lay on this host when another one had gone on with the task.',
  recover: 'The state of the task before saved work was brought back into it.',
};

/** What is to be saved. */
interface Content {
  readonly task: string;
  readonly tree: ObjectId;
  /** The first one is what the work stood on. */
  readonly parents: readonly ObjectId[];
  readonly base: ObjectId;
}

/**
 * Saves a tree under a ref of its own, with everything that a listing needs in the commit itself. The same content
 * of the same task is saved once.
 */
export async function saveTree(
  repo: Repository,
  refs: TaskRefs,
  content: Content,
  saving: Saving,
): Promise<SavedWork> {
  const { tree, parents, base, task } = content;
  const known = await sameContent(repo, refs, content);
  if (known !== undefined) return known;
  const message = messageText({
    subject: `Saved work of ${task}`,
    body: WHY[saving.reason],
    trailers: {
      'Codewalk-Task': task,
      ...(saving.attempt === undefined ? {} : { 'Codewalk-Attempt': String(saving.attempt) }),
      'Codewalk-Saved': saving.reason,
      'Codewalk-Base': base,
    },
  });
  const commit = await repo.commits.write({ tree, parents, message });
  crashPoint('save.written');
  await repo.refs.change([
    { ref: savedRef(refs, commit), from: await repo.commit(savedRef(refs, commit)), to: commit },
  ]);
  crashPoint('save.named');
  const saved = parseSaved(commit, await repo.objects.commit(commit));
  if (saved === undefined) throw new Error(`Saved work cannot be read back: ${commit}`);
  return saved;
}

/** Saves a commit that is about to lose its last ref; `keeps` is what stays. */
export async function saveCommit(
  repo: Repository,
  refs: TaskRefs,
  { task, commit, keeps }: { task: string; commit: ObjectId; keeps: ObjectId },
  saving: Saving,
): Promise<SavedWork> {
  const shared = await repo.mergeBase(commit, keeps);
  // A history that shares nothing is compared with what stays, which must then stay reachable with it.
  const parents = shared === undefined ? [commit, keeps] : [commit];
  const content = { task, tree: await repo.treeOf(commit), parents, base: shared ?? keeps };
  return saveTree(repo, refs, content, saving);
}

/** The ref of one piece of saved work. */
export function savedRef({ saved }: Pick<TaskRefs, 'saved'>, commit: ObjectId): string {
  return `${saved}/${commit.slice(0, ID_DIGITS)}`;
}

/** What a commit of ours says about itself; `undefined` for any other. */
export function parseSaved(commit: ObjectId, { author, message }: ParsedCommit): SavedWork | undefined {
  const fields = new Map(
    [...message.matchAll(/^Codewalk-([A-Za-z]+): (.*)$/gm)].map((match) => [match[1], match[2] ?? '']),
  );
  const task = taskId.safeParse(fields.get('Task'));
  const base = objectId.safeParse(fields.get('Base'));
  const reason = SAVE_REASONS.find((each) => each === fields.get('Saved'));
  const seconds = Number(/ (\d+) [+-]\d{4}$/.exec(author)?.[1]);
  if (!task.success || !base.success || reason === undefined || Number.isNaN(seconds)) return undefined;
  const attempt = fields.get('Attempt');
  return {
    id: commit.slice(0, ID_DIGITS),
    task: task.data satisfies TaskId,
    attempt: attempt === undefined ? undefined : Number(attempt),
    reason,
    at: seconds * 1_000,
    commit,
    base: base.data,
  };
}

async function sameContent(
  repo: Repository,
  refs: TaskRefs,
  { tree, parents }: Content,
): Promise<SavedWork | undefined> {
  for (const commit of await savedCommits(repo, refs.saved)) {
    const parsed = await repo.objects.commit(commit);
    if (parsed.tree === tree && parsed.parents[0] === parents[0]) return parseSaved(commit, parsed);
  }
  return undefined;
}

/** The commits below a folder of refs. */
export async function savedCommits(repo: Repository, folder: string): Promise<readonly ObjectId[]> {
  const text = await repo.text(['for-each-ref', '--format=%(objectname)', `${folder}/`]);
  return text.split('\n').flatMap((line) => objectId.safeParse(line).data ?? []);
}
