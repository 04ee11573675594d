/**
 * The moments at which a crash is worth trying, each with what has just happened and what has not. Code calls
 * `crashPoint` there; nothing else depends on them. A name says the part and the moment, `claim.taken`.
 */
export const CRASH_POINTS = {
  'roadmap.read': 'the bytes of the roadmap are read, nobody has looked at them',
  'roadmap.parsed': 'the roadmap is read and found to be in order, nothing is compared',
  'roadmap.compared': 'what the roadmap changes is known, the sync has written nothing',
  'roadmap.defined': 'the sync has written the tasks, not yet that it did',
  'roadmap.applied': 'the sync has written everything, its transaction is open',
  'roadmap.synced': 'the sync is durable, nothing has acted on it',
  'edit.locked': 'an edit of the roadmap has its lock, which is an empty file',
  'edit.written': 'the new roadmap is written beside the old one, perhaps not to disk',
  'edit.synced': 'the new roadmap is on disk beside the old one',
  'edit.renamed': 'the new roadmap has taken the place of the old one, perhaps not on disk',
  'edit.durable': 'the edited roadmap is safe, nobody was told',
  'task.accepted': 'an added task is kept, the person was not told',
  'migration.step': 'a step of the schema is made, its number is not written',
  'migration.numbered': 'a step of the schema has its number, the transaction is open',
  'migration.committed': 'the schema is the newest, nobody has used it',
  'write.begun': 'a transaction has the project to itself and has written nothing',
  'write.committing': 'a transaction has written everything, the commit is not asked for',
  'write.committed': 'a transaction is durable, nobody who asked for it knows',
  'boot.registered': 'an orchestrator has registered, those that died are still listed',
  'boot.buried': 'what the dead left running is stopped, their tasks are still theirs',
  'boot.reclaimed': 'the tasks of the dead are given back, nobody was told',
  'boot.repaired': 'worktrees that a crash left are in order, the roadmap is not synced',
  'reclaim.lost': 'a dead orchestrator is written down as lost, its tasks are not given back',
  'run.ended': 'nothing is left to do, the orchestrator is still registered',
  'claim.taken': 'tasks are taken, the log does not say so yet',
  'claim.logged': 'a claim is whole, its transaction is open',
  'claim.committed': 'tasks are claimed durably, their attempts have not begun',
  'heartbeat.due': 'the leases are about to be made longer',
  'heartbeat.written': 'the leases are longer, what was lost is not stopped yet',
  'fence.raised': 'git knows a new attempt of a task, which has done nothing else',
  'worktree.made': 'the directories of a worktree are there, nothing says whose they are',
  'worktree.marked': 'the git directory of a worktree names its place, the place not it',
  'worktree.connected': 'a new worktree is known to git and empty',
  'worktree.taken': 'a worktree of the pool has the name of a task and the mark of the pool',
  'worktree.branched': 'the branch of a task is made, its worktree shows something else',
  'worktree.shown': 'a worktree shows its branch, it is still marked as being opened',
  'worktree.opened': 'a worktree is ready, the attempt has not said so',
  'worktree.resumed': 'the worktree of an earlier attempt is ready to go on in',
  'worktree.provisioned': 'a worktree has its ports, seeds and setup, no agent is started',
  'agent.spawned': 'a program waits behind its gate, nobody has written down its process',
  'agent.recorded': 'the process of an agent is written down, its gate is closed',
  'agent.prompted': 'a program runs and has its prompt, nothing was heard of it',
  'agent.heard': 'a line of an agent is read, nothing of it is kept',
  'session.named': 'the session of an agent is known and not written',
  'session.kept': 'the session of an agent is durable',
  'output.kept': 'a part of what an agent said is durable',
  'transcript.written': 'a part of the output is in the log files, perhaps not on disk',
  'agent.exited': 'a program has ended, what it started is not looked for',
  'turn.ended': 'a turn is over, nothing of its end is written',
  'result.judged': 'what a step came to is known and not written',
  'check.ended': "the project's check of the work has ended, its result is not used",
  'question.asked': 'an agent at work has asked, nobody looks for the answer yet',
  'question.advised': 'the orchestrator agent has said what it knows, no question is answered by it',
  'question.answered': 'an answer of the orchestrator agent is durable, its other answers are not',
  'question.put': 'a turn is over with questions, the orchestrator agent does not know of them',
  'snapshot.staged': 'everything in a worktree is in our index, no commit holds it',
  'snapshot.written': 'a snapshot is a commit that no branch names',
  'snapshot.named': "a snapshot is on the task's branch, the agent's index is older",
  'snapshot.shown': 'a snapshot is whole, no event tells of it',
  'merge.locked': 'the right to merge is held, nothing is looked at',
  'merge.computed': 'the merged tree is written, no commit holds it',
  'merge.written': 'the merge is a commit that no branch names',
  'verify.shown': 'the merged commit is in the worktree, nothing was run on it',
  'verify.ended': 'verify has ended, its result is not used',
  'verify.restored': 'the worktree is back on its own branch',
  'merge.intended': 'the intent to merge is durable, the branch has not moved',
  'push.acked': 'the remote has taken a merge, the branch here has not followed',
  'merge.moved': 'the branch has moved, the store does not say so',
  'merge.recorded': 'the task is done and merged durably, its worktree is still there',
  'merge.recovered': 'a merge that a crash cut off is written down, its worktree is still there',
  'restore.saved': 'what a restore takes out of a worktree is saved, nothing is taken',
  'restore.named': 'the branch of a worktree is where it belongs, its files are not',
  'restore.shown': 'a worktree is as it was, it is marked as being checked',
  'save.written': 'saved work is a commit that nothing names',
  'save.named': 'saved work has its name, nobody was told',
  'release.marked': 'a merged worktree is marked for its end, its branch is there',
  'release.unbranched': 'the branch of a merged task is gone, its worktree is there',
  'release.forgotten': 'a worktree is emptied of its task, the pool does not have it',
  'release.pooled': 'a worktree is marked for the pool under the name of its task',
  'release.removed': 'the directory of a worktree is gone, its git directory is there',
  'worktree.ended': 'a merged worktree has ended, the private directories of its task are there',
  'retry.planned': 'the next attempt has its time, the failure is not written',
  'retry.written': 'the failure and the next attempt are durable',
  'account.changed': 'how a provider account stands is durable, the step is not over',
  'recover.saved': 'the state before a recovery is saved, nothing is brought back',
  'recover.named': "recovered work is on the task's branch, its worktree shows the state before",
  'recover.shown': 'recovered work is in the worktree, no event tells of it',
  'deliver.written': 'what the target gets is a commit, the target has not moved',
  'deliver.moved': 'the target has moved, no event tells of it',
} as const satisfies Record<string, string>;

export type CrashPoint = keyof typeof CRASH_POINTS;

let listener: ((point: CrashPoint) => void) | undefined;

/** Tells the listener that this point is reached; without one it does nothing. */
export function crashPoint(point: CrashPoint): void {
  listener?.(point);
}

/**
 * From now on `listen` is called at every crash point, in the middle of what goes on there; it may end the process or
 * throw. `undefined` ends it. There is one listener per process.
 */
export function onCrashPoint(listen: ((point: CrashPoint) => void) | undefined): void {
  listener = listen;
}
