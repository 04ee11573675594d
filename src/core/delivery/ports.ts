import type { ObjectId, TaskId } from '../ids.ts';

/** A pull request as the forge tells of it. */
export interface PullRequest {
  readonly number: number;
  /** For people. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The commit that it proposes; of a merged one, what was merged. */
  readonly head: ObjectId;
  /** What the target got; absent unless it is merged. */
  readonly mergeCommit: ObjectId | undefined;
  readonly title: string;
  readonly isDraft: boolean;
  /** `unknown`: the forge has not found out yet. */
  readonly mergeable: 'yes' | 'conflicts' | 'blocked' | 'unknown';
}

/** What a pull request says. */
export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}

/** Where people review and merge: one repository at a forge such as GitHub. Throws `ForgeError`. */
export interface Forge {
  /** For people, such as `owner/name`. */
  readonly repository: string;
  /**
   * The one open pull request from branch `head` into branch `base`: the one that is there, or a new one. `text` is
   * given what it says now. When an answer is lost on the way, a second call finds what the first one made.
   */
  propose(request: {
    head: string;
    base: string;
    text: (now: PullRequestText | undefined) => PullRequestText;
  }): Promise<PullRequest>;
  read(number: number, options?: { signal?: AbortSignal }): Promise<PullRequest>;
}

/** The branch at the git remote that a pull request is made from. Throws `RemoteError`. */
export interface ProposalBranch {
  /**
   * Makes the remote's branch `name` contain all of the integration branch `branch`, only forward: what people pushed
   * to it stays. `delivered` is the newest commit of the integration branch that a pull request has brought in, in
   * whatever form. Throws `UsageError` when a branch does not exist.
   */
  push(options: {
    branch: string;
    target: string;
    name: string;
    delivered: ObjectId | undefined;
  }): Promise<PushedProposal>;
  /** Is `commit` in the history of `of`? Undefined when this repository does not know. */
  isIn(commit: ObjectId, of: ObjectId): Promise<boolean | undefined>;
}

export type PushedProposal =
  /** `commit`: of the integration branch. `tasks`: those whose merges would come in, oldest first. */
  | { kind: 'pushed'; commit: ObjectId; tasks: readonly TaskId[] }
  /** The target has all of it. */
  | { kind: 'nothing' }
  /** Nothing was pushed: these files conflict with what the target or the branch got. */
  | { kind: 'refused'; reason: string; advice: string; files: readonly string[] };
