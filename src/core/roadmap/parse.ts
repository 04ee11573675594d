import type { LocatedMap, LocatedNode } from '../source/located.ts';
import { present } from '../source/present.ts';
import { ProblemList } from '../source/problem.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkRenames } from './check-renames.ts';
import { type Declared, nothingDeclared } from './declared.ts';
import {
  type Fields,
  kindOf,
  openFields,
  readLine,
  readMaps,
  readNumber,
  readText,
  readTexts,
} from './fields.ts';
import type { KnownTasks } from './known-tasks.ts';
import type { Initiative, Phase, Plan, PlanGroup, Roadmap, RoadmapTask } from './model.ts';
import { type Inherited, parseTask } from './parse-task.ts';
import { inPhaseOrder, isInserted } from './phase-order.ts';
import type { RoadmapProblem, RoadmapProblemCode, RoadmapProblems } from './problem.ts';
import { readDependencies, readId, readWas } from './read-id.ts';
import { readPriority, readSettings, type TaskSettings } from './settings.ts';
import { KEYS } from './shape.ts';
import { type InitialState, readStatus } from './status.ts';

export type ParsedRoadmap =
  | { kind: 'valid'; roadmap: Roadmap; plan: Plan }
  /** In the order of the file; never empty. */
  | { kind: 'invalid'; problems: readonly RoadmapProblem[] };

interface Context {
  readonly declared: Declared;
  readonly problems: RoadmapProblems;
  readonly known: KnownTasks | undefined;
}

/**
 * Turns the tree of a roadmap file into a roadmap and its DAG, or names everything that is wrong with it at once.
 * `file` is the name to show, `text` is quoted in the problems. Work grows with the size of the tree only.
 *
 * With `known`, tasks whose nodes were read before are not read again. Their places are those of that time: when
 * anything is wrong, only a parse without it names the right ones.
 */
export function parseRoadmap(
  root: LocatedNode,
  source: { readonly file: string; readonly text: string },
  known?: KnownTasks,
): ParsedRoadmap {
  const problems = new ProblemList<RoadmapProblemCode>(source.file, source.text);
  const declared = nothingDeclared();
  if (root.kind !== 'map') {
    problems.add(
      root.at,
      'wrong-type',
      `A roadmap must be a map with keys such as tasks:, not ${kindOf(root)}.`,
      'Begin with "tasks:" and a list of tasks below it.',
    );
    return { kind: 'invalid', problems: problems.sorted() };
  }
  const roadmap = readRoadmap(root, { declared, problems, known });
  checkRenames(declared, problems);
  const plan = checkDependencies(roadmap, declared, problems);
  return plan === undefined || problems.size > 0
    ? { kind: 'invalid', problems: problems.sorted() }
    : { kind: 'valid', roadmap, plan };
}

function readRoadmap(root: LocatedMap, context: Context): Roadmap {
  const { declared, problems } = context;
  const fields = openFields(root, { name: 'A roadmap', keys: KEYS.roadmap }, problems);
  checkVersion(fields);
  for (const key of ['title', 'description', 'notes']) readText(fields, key);
  const inherited: Inherited = {
    path: {},
    settings: readDefaults(fields),
    initialState: undefined,
    domain: undefined,
  };
  const roadmap = {
    ...present({ project: readLine(fields, 'project') }),
    initiatives: ['initiatives', 'epics'].flatMap((key) =>
      readMaps(fields, key, 'initiative').flatMap((map) => readInitiative(map, inherited, context)),
    ),
    phases: readPhases(fields, inherited, context),
    plans: readPlans(fields, inherited, context),
    tasks: readTasks(fields, inherited, context),
  };
  const anyTask = declared.ids.values().some((item) => item.kind === 'task');
  if (!anyTask && problems.size === 0) {
    problems.add(
      fields.get('tasks')?.keyAt ?? root.at,
      'no-tasks',
      'The roadmap has no tasks.',
      'Add one: "cw task add", or "- id: …" with a prompt: below tasks:.',
    );
  }
  return roadmap;
}

function checkVersion(fields: Fields): void {
  const version = readText(fields, 'version');
  if (version === undefined || version.text === '1' || version.text === '1.0') return;
  fields.problems.add(
    version.at,
    'bad-value',
    `This Codewalk reads version 1 of the roadmap file, not ${JSON.stringify(version.text.slice(0, 20))}.`,
    'Write version: 1, or use a newer Codewalk.',
  );
}

function readDefaults(fields: Fields): TaskSettings {
  const entry = fields.get('defaults');
  if (entry === undefined) return {};
  if (entry.value.kind !== 'map') {
    const message = `defaults must be a map, not ${kindOf(entry.value)}.`;
    fields.problems.add(entry.value.at, 'wrong-type', message, 'Write defaults: { agent: coder }.');
    return {};
  }
  return readSettings(openFields(entry.value, { name: 'defaults', keys: KEYS.defaults }, fields.problems));
}

/** What initiatives, phases and plans have in common. */
interface Container {
  readonly common: {
    readonly id: string;
    readonly title: string;
    readonly was?: readonly string[];
    readonly description?: string;
    readonly dependsOn: readonly string[];
  };
  readonly fields: Fields;
  /** For what stands in it. */
  readonly inherited: Inherited;
  /** False when its id cannot be used: its content is read for problems only. */
  readonly counts: boolean;
}

function openContainer(
  map: LocatedMap,
  kind: 'initiative' | 'phase' | 'plan',
  outer: Inherited,
  context: Context,
): Container {
  const name = kind === 'initiative' ? 'An initiative' : `A ${kind}`;
  const fields = openFields(map, { name, keys: KEYS[kind] }, context.problems);
  const id = readId(fields, kind, context.declared);
  const dependsOn = readDependencies(fields);
  if (id !== undefined) context.declared.dependencies.set(id, dependsOn);
  const priority = readPriority(fields);
  const state: InitialState | undefined = readStatus(fields);
  return {
    common: {
      id: id ?? '',
      title: readLine(fields, 'title') ?? id ?? '',
      ...present({
        was: readWas(fields, id, context.declared),
        description: readText(fields, 'description')?.text.trim(),
      }),
      dependsOn: [...dependsOn.keys()],
    },
    fields,
    inherited: {
      path: id === undefined ? outer.path : { ...outer.path, [kind]: id },
      settings: priority === undefined ? outer.settings : { ...outer.settings, priority },
      // Only an end is handed down: "active" on an epic says nothing about its tasks.
      initialState: state === undefined || state === 'pending' ? outer.initialState : state,
      domain: readLine(fields, 'domain') ?? outer.domain,
    },
    counts: id !== undefined,
  };
}

function readInitiative(map: LocatedMap, outer: Inherited, context: Context): Initiative[] {
  const { common, fields, inherited, counts } = openContainer(map, 'initiative', outer, context);
  const initiative = {
    ...common,
    ...present({ goal: readText(fields, 'goal')?.text.trim() }),
    phases: readPhases(fields, inherited, context),
    plans: readPlans(fields, inherited, context),
    tasks: readTasks(fields, inherited, context),
  };
  return counts ? [initiative] : [];
}

function readPhases(fields: Fields, outer: Inherited, context: Context): readonly Phase[] {
  const maps = ['phases', 'milestones'].flatMap((key) => readMaps(fields, key, 'phase'));
  return inPhaseOrder(maps.flatMap((map) => readPhase(map, outer, context)));
}

function readPhase(map: LocatedMap, outer: Inherited, context: Context): Phase[] {
  const { common, fields, inherited, counts } = openContainer(map, 'phase', outer, context);
  const phase = {
    ...common,
    inserted: isInserted(common.id),
    ...present({ goal: readText(fields, 'goal')?.text.trim(), research: readResearch(fields) }),
    requirements: readTexts(fields, 'requirements').map((item) => item.text.trim()),
    plans: readPlans(fields, inherited, context),
    tasks: readTasks(fields, inherited, context),
  };
  return counts ? [phase] : [];
}

/** `true`, `false`, one topic or a list of topics. */
function readResearch(fields: Fields): Phase['research'] {
  const entry = fields.get('research');
  if (entry?.value.kind === 'scalar' && typeof entry.value.value === 'boolean') {
    return { needed: entry.value.value, topics: [] };
  }
  const topics = readTexts(fields, 'research').map((topic) => topic.text.trim());
  return topics.length === 0 ? undefined : { needed: true, topics };
}

function readPlans(fields: Fields, outer: Inherited, context: Context): readonly PlanGroup[] {
  return readMaps(fields, 'plans', 'plan').flatMap((map) => readPlan(map, outer, context));
}

function readPlan(map: LocatedMap, outer: Inherited, context: Context): PlanGroup[] {
  const { common, fields, inherited, counts } = openContainer(map, 'plan', outer, context);
  const wave = readNumber(fields, 'wave', { min: 1, max: 99, whole: true });
  const waveAt = fields.get('wave')?.value.at;
  if (wave !== undefined && waveAt !== undefined) context.declared.waves.set(common.id, waveAt);
  const plan = { ...common, ...present({ wave }), tasks: readTasks(fields, inherited, context) };
  return counts ? [plan] : [];
}

function readTasks(fields: Fields, outer: Inherited, context: Context): readonly RoadmapTask[] {
  const maps = readMaps(fields, 'tasks', 'task');
  const { known } = context;
  if (known === undefined) return maps.flatMap((map) => parseTask(map, outer, context) ?? []);
  const reader = known.under(outer);
  return maps.flatMap((map) => reader(map, context) ?? []);
}
