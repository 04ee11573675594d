import * as z from 'zod';
import { type ObjectId, objectId, type TaskId, taskId } from '../ids.ts';
import type { Store } from '../tasks/ports.ts';
import type { Forge, ProposalBranch, PullRequest } from './ports.ts';
import { proposalText } from './proposal-text.ts';

const part = z.object({ commit: objectId, tasks: z.array(taskId) });

/** What is known of the delivery into one branch by pull requests; kept beside the events that tell of it. */
const deliveryState = z.object({
  /** The newest commit of the integration branch that was brought in, in whatever form. */
  delivered: objectId.optional(),
  /** The latest pull request; `parts` is what it held each time that it was updated, the newest last. */
  pull: z
    .object({
      number: z.int(),
      url: z.string(),
      state: z.enum(['open', 'merged', 'closed']),
      parts: z.array(part).min(1),
    })
    .optional(),
});
type DeliveryState = z.infer<typeof deliveryState>;

/** A pull request is remembered by so many of its updates. */
const MOST_PARTS = 20;

export interface ProposalParts {
  readonly store: Pick<Store, 'getMeta' | 'logOnce' | 'tasks'>;
  readonly forge: Forge;
  readonly branches: ProposalBranch;
}

/** From where to where. */
export interface Route {
  /** The integration branch. */
  readonly branch: string;
  readonly target: string;
}

export type ProposeOutcome =
  | { kind: 'proposed'; pull: PullRequest; commit: ObjectId; tasks: readonly TaskId[] }
  | { kind: 'nothing'; pull: PullRequest | undefined }
  | { kind: 'refused'; reason: string; advice: string; files: readonly string[] };

/** The branch at the remote that carries what is proposed for `target`. No task has such a one: theirs begin with `cw/`. */
function proposalName(target: string): string {
  return `cw-deliver/${target}`;
}

/**
 * Pushes the integration branch and opens a pull request for it, or updates the one that is open. May be called again
 * after any failure: what was done already is found and not done twice.
 */
export async function propose(parts: ProposalParts, route: Route): Promise<ProposeOutcome> {
  const { store, forge, branches } = parts;
  const { branch, target } = route;
  const before = await look(parts, route);
  const state = await readState(store, target);
  const name = proposalName(target);
  const pushed = await branches.push({ branch, target, name, delivered: state.delivered });
  if (pushed.kind === 'refused') return pushed;
  if (pushed.kind === 'nothing') return { kind: 'nothing', pull: before };
  const { commit, tasks } = pushed;
  const told = new Map((await store.tasks({ ids: tasks })).map((task) => [task.id, task]));
  const proposed = tasks.map((id) => ({
    id,
    title: told.get(id)?.definition.title ?? id,
    summary: told.get(id)?.summary ?? '',
  }));
  const pull = await forge.propose({
    head: name,
    base: target,
    text: (now) => proposalText(proposed, { branch, now }),
  });
  const { number, url } = pull;
  const earlier = state.pull?.number === number ? state.pull.parts : [];
  const held = [...earlier.filter((each) => each.commit !== commit), { commit, tasks: [...tasks] }];
  const value = { ...state, pull: { number, url, state: 'open' as const, parts: held.slice(-MOST_PARTS) } };
  await store.logOnce(mark(target, value), [
    { type: 'delivery.proposed', branch, target, commit, number, url, tasks },
  ]);
  return { kind: 'proposed', pull, commit, tasks };
}

/**
 * How the latest pull request stands; undefined when there was none. One that was merged or closed since is written
 * down: once, however many look.
 */
export async function look(
  { store, forge, branches }: ProposalParts,
  { branch, target }: Route,
  options: { signal?: AbortSignal } = {},
): Promise<PullRequest | undefined> {
  const state = await readState(store, target);
  const known = state.pull;
  if (known === undefined) return undefined;
  const pull = await forge.read(known.number, options);
  if (known.state !== 'open' || pull.state === 'open') return pull;
  const value = { ...state, pull: { ...known, state: pull.state } };
  if (pull.state === 'closed') {
    const reason = `pull request #${pull.number} was closed without a merge`;
    await store.logOnce(mark(target, value), [{ type: 'delivery.refused', branch, target, reason }]);
    return pull;
  }
  const { commit: delivered, tasks } = await mergedPart(branches, known.parts, pull.head);
  await store.logOnce(mark(target, { ...value, delivered }), [
    { type: 'delivery.done', branch, target, commit: pull.mergeCommit ?? pull.head, tasks },
  ]);
  return pull;
}

/** What the store knows, without a question to anybody. */
export async function knownPull(
  store: Pick<Store, 'getMeta'>,
  target: string,
): Promise<
  { number: number; url: string; state: PullRequest['state']; tasks: readonly TaskId[] } | undefined
> {
  const { pull } = await readState(store, target);
  return pull && { ...pull, tasks: pull.parts.at(-1)?.tasks ?? [] };
}

/** See `DeliveryState.delivered`. */
export async function deliveredCommit(
  store: Pick<Store, 'getMeta'>,
  target: string,
): Promise<ObjectId | undefined> {
  return (await readState(store, target)).delivered;
}

/** The newest update that the merged head holds: the last one may have come after the merge. */
async function mergedPart(
  branches: ProposalBranch,
  parts: readonly z.infer<typeof part>[],
  head: ObjectId,
): Promise<z.infer<typeof part>> {
  const newest = parts.at(-1) as z.infer<typeof part>;
  for (const each of parts.toReversed()) if (await branches.isIn(each.commit, head)) return each;
  return newest;
}

async function readState(store: Pick<Store, 'getMeta'>, target: string): Promise<DeliveryState> {
  const text = await store.getMeta(key(target));
  return text === undefined ? {} : deliveryState.parse(JSON.parse(text));
}

function mark(target: string, value: DeliveryState): { key: string; value: string } {
  return { key: key(target), value: JSON.stringify(value) };
}

function key(target: string): string {
  return `delivery:${target}`;
}
