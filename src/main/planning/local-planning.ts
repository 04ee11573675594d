import { writeFile } from 'node:fs/promises';
import { readRoadmap } from '../../adapters/yaml/read-roadmap.ts';
import { editBytes } from '../../adapters/yaml/roadmap-editor.ts';
import { hashOf, RoadmapInvalidError, readRoadmapBytes } from '../../adapters/yaml/roadmap-file.ts';
import type {
  PlanningService,
  PlanPreview,
  PlanRequest,
  Project,
  RepositoryService,
  RoadmapChange,
} from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import { UsageError } from '../../core/errors.ts';
import type { TaskId } from '../../core/ids.ts';
import { checkProposal, proposalNotes } from '../../core/planning/check-proposal.ts';
import { overlapsIn, shapeOf } from '../../core/planning/overlaps.ts';
import { planningPrompt } from '../../core/planning/planning-prompt.ts';
import type { PlanningOrder, PlanRecord, Proposals, TakenProposal } from '../../core/planning/ports.ts';
import { type Proposal, parseProposal } from '../../core/planning/proposal.ts';
import { proposalEdit } from '../../core/planning/proposal-edit.ts';
import { freeId } from '../../core/roadmap/free-id.ts';
import { type Plan, PRIORITIES, type Roadmap } from '../../core/roadmap/model.ts';
import { unifiedDiff } from '../../core/source/unified-diff.ts';
import { decideRetry } from '../../core/tasks/commands.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { ACTIVE_STATES, isFinal, TASK_STATES } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { LocalRoadmap } from '../cli/roadmap-service.ts';
import { shownPath } from '../cli/roadmap-service.ts';

const DIFF_BYTES = 12_000;
const TITLE_CHARS = 100;
const ID_WORDS = 4;
const NEW_FILE = 'version: 1\n';
const SUMMARY_CHARS = 400;

/** The proposals of one project: checked against its roadmap file, kept in its store, applied to the file. */
export class LocalPlanning implements Proposals, PlanningService {
  readonly #project: () => Promise<Project>;
  readonly #store: () => Promise<Store>;
  readonly #config: () => Promise<Config>;
  readonly #roadmap: LocalRoadmap;
  readonly #repository: RepositoryService;

  constructor(parts: {
    project: () => Promise<Project>;
    store: () => Promise<Store>;
    config: () => Promise<Config>;
    roadmap: LocalRoadmap;
    repository: RepositoryService;
  }) {
    this.#project = parts.project;
    this.#store = parts.store;
    this.#config = parts.config;
    this.#roadmap = parts.roadmap;
    this.#repository = parts.repository;
  }

  /**
   * Asks for a plan: adds the task that makes it. One with the same goal that was interrupted goes on instead.
   */
  async begin(request: PlanRequest): Promise<{ readonly id: TaskId; readonly resumed: boolean }> {
    const { goal, issues, agent, by, failed } = request;
    const [store, config] = [await this.#store(), await this.#config()];
    const tasks = await store.tasks({ states: TASK_STATES });
    const earlier = tasks.find(
      ({ definition: { planning }, state }) => planning?.goal === goal && !isFinal(state),
    );
    if (earlier !== undefined) return { id: earlier.id, resumed: true };
    const now = await this.#current();
    const prompt = planningPrompt({
      goal,
      issues,
      tasks: tasks.filter(({ state }) => state !== 'archived'),
      containers: now.kind === 'valid' ? containersOf(now.roadmap) : [],
      config,
      failed,
    });
    const taken = new Set([...tasks.map(({ id }) => id.toLowerCase()), ...(await this.#ids())]);
    const id =
      request.id ??
      (freeId(`plan-${failed === undefined ? shortened(goal) : failed.task.id}`, taken) as TaskId);
    const title = failed === undefined ? goal.split('\n')[0] : `another way for ${failed.task.id}`;
    await store.addTask(
      {
        id,
        title: `Plan: ${cut(title ?? '', TITLE_CHARS)}`,
        prompt,
        path: {},
        dependsOn: [],
        files: [],
        agent,
        priority: PRIORITIES.critical,
        exitCriteria: [],
        onFailure: 'soft',
        planning: {
          goal,
          issues: issues.map((issue) => issue.title),
          ...(failed === undefined ? {} : { replaces: failed.task.id }),
        },
      },
      by,
    );
    return { id, resumed: false };
  }

  async take(plan: TaskId, order: PlanningOrder, answer: unknown): Promise<TakenProposal> {
    const read = parseProposal(answer);
    if (read.kind === 'malformed') return { kind: 'refused', problems: read.problems };
    const { proposal } = read;
    const [store, config] = [await this.#store(), await this.#config()];
    const tasks = await store.tasks({ states: TASK_STATES });
    const now = await this.#current();
    const containers = now.kind === 'valid' ? containersOf(now.roadmap).map(({ id }) => id) : [];
    const inFile = now.kind === 'valid' ? now.plan.tasks.map(({ definition }) => definition.id) : [];
    const problems = checkProposal(proposal, {
      taken: new Set([...tasks.map(({ id }) => id), ...inFile, ...containers]),
      tasks: new Set(inFile),
      settled: new Set(
        tasks
          .filter(({ state }) => state === 'done' || ACTIVE_STATES.some((active) => active === state))
          .map(({ id }) => id),
      ),
      agents: Object.keys(config.agents),
      workflows: Object.keys(config.workflows),
      maxTasks: config.planning.maxTasks,
    });
    if (problems.length > 0) return { kind: 'refused', problems };
    const shape = await this.#tryOn(proposal, order.issues);
    if ('problems' in shape) return { kind: 'refused', problems: shape.problems };
    await store.keepPlan({ id: plan, ...order, proposal, notes: shape.notes });
    return { kind: 'kept', summary: summaryOf(proposal, shape) };
  }

  async apply(plan: TaskId, by: string): Promise<void> {
    await this.carryOut(await this.find(plan), { by, dryRun: false });
  }

  /** Also ends the task that makes it, when it is not at work. */
  async drop(plan: TaskId, by: string): Promise<void> {
    const store = await this.#store();
    await store.settlePlan(plan, { to: 'dropped', added: [], by });
    await store.command(plan, ({ state }) =>
      state === 'archived' || ACTIVE_STATES.some((active) => active === state)
        ? []
        : [{ type: 'task.archived', task: plan, reason: 'its plan is dropped' }],
    );
  }

  /** See `RunPlanning.workOf`. */
  async workOf(task: Task): Promise<string> {
    const changes = await this.#repository.changes(task);
    return changes === undefined ? '' : await this.#repository.diff(changes, { maxBytes: DIFF_BYTES });
  }

  /** Throws `UsageError` `UNKNOWN_PLAN`. */
  async find(id: TaskId): Promise<PlanRecord> {
    const [plan] = await (await this.#store()).plans({ id });
    if (plan !== undefined) return plan;
    throw new UsageError('UNKNOWN_PLAN', `There is no plan "${id}".`, {
      advice: 'cw plan list shows them all.',
    });
  }

  /** Throws what keeps it from being applied: `RoadmapInvalidError` and other `UsageError`s. */
  async preview(plan: PlanRecord): Promise<PlanPreview> {
    const bytes = await this.#bytes();
    const path = shownPath(await this.#project());
    const hash = hashOf(bytes);
    const before = textOf(bytes);
    if (plan.edited !== undefined && plan.edited.onto !== hash) throw overtaken(plan.id);
    const edited =
      plan.edited === undefined
        ? editBytes(path, bytes, proposalEdit(plan.proposal, plan.issues))
        : Buffer.from(plan.edited.text);
    const after = textOf(edited);
    const facts = await this.#facts(edited, plan);
    return { before, after, hash, diff: unifiedDiff(path, before, after), ...facts };
  }

  /** Checks a text that a person made of the whole file. Throws `RoadmapInvalidError`. */
  async amend(plan: PlanRecord, text: string, onto: string): Promise<PlanRecord> {
    const read = readRoadmap(shownPath(await this.#project()), Buffer.from(text));
    if (read.kind === 'invalid') throw new RoadmapInvalidError(read.problems);
    const edited = { text, onto };
    await (await this.#store()).amendPlan(plan.id, edited);
    return { ...plan, edited };
  }

  /** Makes the roadmap file as the plan wants it, and has what it changes of failed tasks tried again. */
  async carryOut(
    plan: PlanRecord,
    { by, dryRun }: { by: string; dryRun: boolean },
  ): Promise<RoadmapChange & { readonly added: readonly TaskId[] }> {
    const store = await this.#store();
    const known = await this.#ids();
    const what = `apply ${plan.id}: ${plan.proposal.title}`;
    if (dryRun) {
      const { diff, after } = await this.preview(plan);
      return { what, diff, added: newIn(after, known) };
    }
    await this.#ensureFile();
    const change =
      plan.edited === undefined
        ? await this.#roadmap.edit(proposalEdit(plan.proposal, plan.issues), { dryRun, what })
        : await this.#roadmap.replace(plan.edited.text, { onto: plan.edited.onto, what });
    if (change === undefined) throw overtaken(plan.id);
    const added = newIn(textOf(await this.#bytes()), known);
    for (const { id } of plan.proposal.changes) {
      const task = await store.task(id as TaskId);
      if (task?.state === 'failed')
        await store.command(task.id, (now) => (now.state === 'failed' ? decideRetry(now, by) : []));
    }
    await store.settlePlan(plan.id, { to: 'applied', added, by });
    return { ...change, added };
  }

  /** Can it be applied to the file as it is now? A file with a mistake of its own is not the agent's matter. */
  async #tryOn(
    proposal: Proposal,
    issues: readonly string[],
  ): Promise<{ problems: readonly string[] } | { chain: number; atOnce: number; notes: readonly string[] }> {
    const path = shownPath(await this.#project());
    const bytes = await this.#bytes();
    const isBroken = (await this.#current()).kind === 'broken';
    if (isBroken) {
      const notes = [`${path} has a mistake, so the plan could not be checked against it.`];
      return { chain: 0, atOnce: 0, notes };
    }
    try {
      const edited = editBytes(path, bytes, proposalEdit(proposal, issues));
      return await this.#facts(edited, { proposal, issues });
    } catch (error) {
      if (error instanceof RoadmapInvalidError) {
        return { problems: error.problems.map(({ message, advice }) => `${message} ${advice}`) };
      }
      if (error instanceof UsageError) return { problems: [error.message] };
      throw error;
    }
  }

  async #facts(
    edited: Uint8Array,
    { proposal, issues }: Pick<PlanRecord, 'proposal' | 'issues'>,
  ): Promise<{ chain: number; atOnce: number; notes: readonly string[] }> {
    const read = readRoadmap(shownPath(await this.#project()), edited);
    if (read.kind === 'invalid') throw new RoadmapInvalidError(read.problems);
    const store = await this.#store();
    const over = await store.tasks({ states: TASK_STATES.filter(isFinal) });
    const of = new Set(proposal.tasks.map(({ id }) => id));
    const overlaps = overlapsIn(read.plan, { of, over: new Set(over.map(({ id }) => id)) });
    const hasVerify = (await this.#config()).verify !== undefined;
    return { ...shapeOf(read.plan, of), notes: proposalNotes(proposal, { hasVerify, issues, overlaps }) };
  }

  async #current(): Promise<
    { kind: 'valid'; roadmap: Roadmap; plan: Plan } | { kind: 'empty' } | { kind: 'broken' }
  > {
    const read = readRoadmap(shownPath(await this.#project()), await this.#bytes());
    if (read.kind === 'valid') return read;
    const isEmpty = read.problems.every(({ code }) => code === 'no-tasks' || code === 'empty');
    return { kind: isEmpty ? 'empty' : 'broken' };
  }

  async #ids(): Promise<ReadonlySet<string>> {
    const now = await this.#current();
    return new Set(now.kind === 'valid' ? now.plan.tasks.map(({ definition }) => definition.id) : []);
  }

  /** The roadmap file; what a new one begins with when there is none. */
  async #bytes(): Promise<Uint8Array> {
    const project = await this.#project();
    try {
      return await readRoadmapBytes(project.roadmapPath, shownPath(project));
    } catch (error) {
      if (error instanceof UsageError && error.code === 'ROADMAP_MISSING') return Buffer.from(NEW_FILE);
      throw error;
    }
  }

  async #ensureFile(): Promise<void> {
    const { roadmapPath } = await this.#project();
    await writeFile(roadmapPath, NEW_FILE, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

function newIn(text: string, known: ReadonlySet<string>): readonly TaskId[] {
  const read = readRoadmap('', Buffer.from(text));
  if (read.kind === 'invalid') return [];
  return read.plan.tasks.map(({ definition }) => definition.id).filter((id) => !known.has(id));
}

function shortened(goal: string): string {
  return goal.trim().split(/\s+/).slice(0, ID_WORDS).join('-');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function containersOf({ initiatives, phases, plans }: Roadmap) {
  const named = (kind: string) => (each: { id: string; title: string }) => ({
    id: each.id,
    title: each.title,
    kind,
  });
  const inPhases = (list: Roadmap['phases']) =>
    list.flatMap((phase) => [named('phase')(phase), ...phase.plans.map(named('plan'))]);
  return [
    ...initiatives.flatMap((each) => [
      named('initiative')(each),
      ...inPhases(each.phases),
      ...each.plans.map(named('plan')),
    ]),
    ...inPhases(phases),
    ...plans.map(named('plan')),
  ];
}

function summaryOf(
  { tasks, changes, remove, summary, title, serial }: Proposal,
  { chain, atOnce }: { chain: number; atOnce: number },
): string {
  const parts = [
    `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`,
    ...(chain > 0
      ? [`longest chain ${chain}`, serial ? 'one after the other' : `up to ${atOnce} at once`]
      : []),
    ...(changes.length > 0 ? [`${changes.length} changed`] : []),
    ...(remove.length > 0 ? [`${remove.length} removed`] : []),
  ];
  const said = summary === '' ? title : summary.replace(/\s+/g, ' ');
  const short = said.length > SUMMARY_CHARS ? `${said.slice(0, SUMMARY_CHARS - 1)}…` : said;
  return `${parts.join(', ')}: ${short}`;
}

function overtaken(id: string): UsageError {
  return new UsageError('PLAN_OVERTAKEN', `The roadmap was changed since ${id} was edited.`, {
    advice: `Edit it again: cw plan apply ${id} --edit`,
  });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
