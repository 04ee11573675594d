import { ID_PATTERN } from '../id-pattern.ts';
import { taskId } from '../ids.ts';
import type { LocatedMap, LocatedNode } from '../source/located.ts';
import { present } from '../source/present.ts';
import { quoted } from '../source/problem.ts';
import type { Declared } from './declared.ts';
import {
  type Fields,
  kindOf,
  type Located,
  openFields,
  readLine,
  readNumber,
  readText,
  readTexts,
  scalarText,
} from './fields.ts';
import { PRIORITIES, type RoadmapTask, type TaskDefinition } from './model.ts';
import type { RoadmapProblems } from './problem.ts';
import { readDependencies, readId, readWas } from './read-id.ts';
import { readSettings, type TaskSettings } from './settings.ts';
import { CRITERION_KINDS, KEYS } from './shape.ts';
import { type InitialState, readStatus } from './status.ts';

/** What a task takes over from the containers it stands in and from `defaults:`. */
export interface Inherited {
  readonly path: TaskDefinition['path'];
  readonly settings: TaskSettings;
  readonly initialState: InitialState | undefined;
  readonly domain: string | undefined;
}

/** One task; `undefined` when it has no id of its own. */
export function parseTask(
  map: LocatedMap,
  inherited: Inherited,
  context: { readonly declared: Declared; readonly problems: RoadmapProblems },
): RoadmapTask | undefined {
  const { declared, problems } = context;
  const fields = openFields(map, { name: 'A task', keys: KEYS.task }, problems);
  const id = readId(fields, 'task', declared);
  const dependsOn = readDependencies(fields);
  const { approve, ...settings } = { ...inherited.settings, ...readSettings(fields) };
  const words = readWords(fields, id);
  checkNames(fields);
  readNumber(fields, 'estimate_hours', { min: 0, max: 100_000, whole: false });
  const task = {
    ...words,
    path: inherited.path,
    dependsOn: [...dependsOn.keys()],
    files: readTexts(fields, 'files').flatMap((file) => readFile(fields, file)),
    ...settings,
    priority: settings.priority ?? PRIORITIES.medium,
    exitCriteria: readCriteria(fields),
    onFailure: settings.onFailure ?? ('hard' as const),
    ...present({
      approve: approve === true ? (true as const) : undefined,
      initialState: readStatus(fields) ?? inherited.initialState,
      domain: readLine(fields, 'domain') ?? inherited.domain,
      was: readWas(fields, id, declared),
    }),
  };
  if (id === undefined) return undefined;
  declared.dependencies.set(id, dependsOn);
  return { id: taskId.parse(id), ...task };
}

/** Title and prompt; each is made from what else the task says when it is not there. */
function readWords(fields: Fields, id: string | undefined): { title: string; prompt: string } {
  const before = fields.problems.size;
  const written = readLine(fields, 'title');
  const prompt = readText(fields, 'prompt')?.text.trim() ?? '';
  const description = readText(fields, 'description')?.text.trim() ?? '';
  const notes = readText(fields, 'notes')?.text.trim() ?? '';
  // What was refused, or stands under a misspelt key, may be what is missing.
  const mayBeThere = fields.problems.size > before || fields.unknown.length > 0;
  if (prompt === '' && description === '' && written === undefined && !mayBeThere) {
    fields.problems.add(
      fields.get('prompt')?.keyAt ?? fields.map.at,
      'missing-prompt',
      `${id === undefined ? 'A task' : `Task ${quoted(id)}`} does not say what is to be done.`,
      'Add prompt: (what the agent is asked to do), or at least a title.',
    );
  }
  const title = written ?? id ?? '';
  if (prompt !== '') return { title, prompt };
  return {
    title,
    prompt: [written, description, notes].filter((part) => part !== undefined && part !== '').join('\n\n'),
  };
}

function checkNames(fields: Fields): void {
  for (const key of ['agent', 'workflow']) {
    const read = readText(fields, key);
    if (read === undefined || ID_PATTERN.test(read.text.trim())) continue;
    fields.problems.add(
      read.at,
      'bad-value',
      `${quoted(read.text)} cannot be the name of ${key === 'agent' ? 'an agent' : 'a workflow'}.`,
      `Use a name from ${key}s in the config.`,
    );
  }
}

function readFile(fields: Fields, { text, at }: Located): string[] {
  const file = text.trim();
  const outside = /^[/~\\]|^[A-Za-z]:[\\/]/.test(file) || file.split('/').includes('..');
  if (!outside && file.length <= 1_024) return [file];
  fields.problems.add(
    at,
    'bad-value',
    outside
      ? `${quoted(file)} is not inside the repository.`
      : 'A path in files is longer than 1024 characters.',
    'Write paths and globs relative to the repository, with "/", for example src/cart.ts or src/**.',
  );
  return [];
}

/** Criteria as lines: an item `{ critic: … }` of the older shape becomes `critic: …`. */
function readCriteria(fields: Fields): readonly string[] {
  const entry = fields.get('exit_criteria');
  if (entry === undefined) return [];
  const nodes = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => criterionLines(fields, node));
}

function criterionLines(fields: Fields, node: LocatedNode): string[] {
  if (node.kind === 'scalar' && node.value !== null) return [scalarText(node).trim()];
  if (node.kind === 'map') {
    const name = 'An exit criterion';
    const criterion = openFields(node, { name, keys: CRITERION_KINDS }, fields.problems);
    return CRITERION_KINDS.flatMap((kind) => {
      const text = readText(criterion, kind)?.text.trim();
      return text === undefined ? [] : [`${kind}: ${text}`];
    });
  }
  fields.problems.add(
    node.at,
    'wrong-type',
    `An exit criterion must be text or { ${CRITERION_KINDS.join(' | ')}: text }, not ${kindOf(node)}.`,
    'Write exit_criteria: ["…", { artifact: "…" }].',
  );
  return [];
}
