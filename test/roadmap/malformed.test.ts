import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import type { RoadmapProblemCode } from '../../src/core/roadmap/problem.ts';

/**
 * Each case is a roadmap with a « before every place that must be named, and the problem expected at each, in
 * the order of the file. `says` must be in the first message or advice.
 */
type Case = readonly [title: string, text: string, codes: readonly RoadmapProblemCode[], says?: string];

const GOOD = 'tasks:\n  - id: a\n    title: A\n';
const task = (lines: string) => `tasks:\n  - id: a\n    title: A\n${lines.replace(/^(?=.)/gm, '    ')}`;
const two = (first: string, second: string) =>
  `tasks:\n  - id: a\n    title: A\n    ${first}\n  - id: b\n    title: B\n    ${second}\n`;

const TEXT: readonly Case[] = [
  ['an empty file', '«', ['empty'], 'cw init'],
  ['a file of blank lines', '«\n\n  \n', ['empty']],
  ['a file of comments', '«# nothing\n# yet\n', ['empty']],
  ['a bare document start', '«---\n', ['empty']],
  ['NUL in a value', 'tasks:\n  - id: a\n    title: x«\u0000y\n', ['control-character'], 'NUL'],
  ['NUL at the start', '«\u0000tasks: []\n', ['control-character']],
  ['an escape sequence', 'tasks:\n  - id: a\n    title: «\u001b[31mred\n', ['control-character'], '0x1b'],
  ['a backspace', 'tasks:\n  - id: a«\u0008\n    title: A\n', ['control-character']],
  ['a C1 control character', 'tasks:\n  - id: a\n    title: a«\u009bx\n', ['control-character']],
  ['DEL', 'tasks:\n  - id: a\n    title: a«\u007fx\n', ['control-character']],
  ['control characters on two lines', 'a: «\u0001\nb: «\u0002\n', ['control-character', 'control-character']],
  [
    'an unresolved merge',
    `tasks:\n«<<<<<<< HEAD\n  - id: a\n=======\n  - id: b\n>>>>>>> branch\n`,
    ['merge-conflict'],
    'Keep one',
  ],
  ['a merge marker at the end', `${GOOD}«>>>>>>> feature/x\n`, ['merge-conflict']],
  ['a diff3 merge', `tasks:\n«||||||| base\n  - id: a\n`, ['merge-conflict']],
  ['a merge marker with CRLF', `tasks:\r\n«<<<<<<< HEAD\r\n`, ['merge-conflict']],
];

const SYNTAX: readonly Case[] = [
  ['a tab as indentation', 'tasks:\n«\t- id: a\n', ['syntax'], 'tab'],
  ['a tab below an item', 'tasks:\n  - id: a\n«\ttitle: A\n', ['syntax'], 'tab'],
  ['a quote that is never closed', 'tasks:\n  - id: a\n    title: «"Fix\n', ['syntax'], 'never closed'],
  [
    'a single quote that is never closed',
    "tasks:\n  - id: a\n    title: «'Fix\n  - id: b\n",
    ['syntax'],
    'never closed',
  ],
  ['a colon in plain text', 'tasks:\n  - id: a\n    title: «Fix: the thing\n', ['syntax'], 'quotes'],
  ['text that begins with @', 'tasks:\n  - id: a\n    title: «@home\n', ['syntax'], 'quotes'],
  ['text that begins with a backtick', 'tasks:\n  - id: a\n    title: «`x`\n', ['syntax'], 'quotes'],
  ['an unknown escape', 'tasks:\n  - id: a\n    title: "a«\\q"\n', ['syntax'], 'backslash'],
  ['a document cut off in a list', 'tasks:\n  - id: a\n    files: «[a, b\n', ['syntax']],
  ['a document cut off in a map', 'tasks: [«{ id: a\n', ['syntax']],
  [
    'a list that the next item cuts off',
    'tasks:\n  - id: a\n    files: «[a, b\n  - id: b\n    title: B\n',
    ['syntax'],
    'never closed',
  ],
  ['a bracket too many', 'tasks: []«]\n', ['syntax']],
  ['two values on one line', 'tasks:\n  - id: a\n    title: "x" «y\n', ['syntax']],
];

const STRUCTURE: readonly Case[] = [
  ['an anchor', 'tasks: «&all\n  - id: a\n    title: A\n', ['alias'], 'anchor'],
  ['an alias', 'tasks:\n  - id: a\n    title: «*name\n', ['alias'], 'alias'],
  ['an anchor and its alias', 'tasks:\n  - id: «&x a\n    title: «*x\n', ['alias', 'alias']],
  ['an anchor on itself', 'a: «&a\n  b: «*a\n', ['alias', 'alias']],
  ['a merge key', 'tasks:\n  - id: a\n    title: A\n    «<<: { agent: x }\n', ['merge-key'], 'defaults'],
  ['a tag', 'tasks:\n  - id: «!env ID\n    title: A\n', ['tag'], 'tag'],
  ['a standard tag', 'tasks:\n  - id: «!!str 1\n    title: A\n', ['tag']],
  ['a python tag', '«!!python/object/apply:os.system ["id"]\n', ['tag']],
  ['a verbatim tag', 'a: «!<tag:yaml.org,2002:str> x\n', ['tag']],
  ['two documents', `${GOOD}«---\n${GOOD}`, ['multiple-documents']],
  ['an end and more', `${GOOD}...\n«---\nb: 1\n`, ['multiple-documents']],
  ['a directive for tags', `%TAG ! tag:x,2000:\n---\ntasks: «!a x\n`, ['tag']],
  ['a key that is a list', 'tasks:\n  - id: a\n    title: A\n    ? «[x]\n    : y\n', ['wrong-type']],
  ['a key that is empty', `${GOOD}«: x\n`, ['wrong-type']],
  ['a key that is null', `${GOOD}«null: x\n`, ['wrong-type']],
];

const SHAPE: readonly Case[] = [
  ['a list in place of a roadmap', '«- id: a\n  title: A\n', ['wrong-type'], 'tasks:'],
  ['text in place of a roadmap', '«hello world\n', ['wrong-type']],
  ['a number in place of a roadmap', '«42\n', ['wrong-type']],
  ['null in place of a roadmap', '«~\n', ['wrong-type']],
  ['no tasks key', '«project: shop\n', ['no-tasks'], 'cw task add'],
  ['an empty list of tasks', '«tasks: []\n', ['no-tasks']],
  ['tasks without a value', '«tasks:\n', ['no-tasks']],
  ['a phase without tasks', '«phases:\n  - id: p\n', ['no-tasks']],
  ['epics overwritten with nothing', '«epics: []\n', ['no-tasks']],
  ['a misspelt tasks key', '«taks:\n  - id: a\n', ['unknown-key'], 'Did you mean "tasks"?'],
  ['an unknown key at the top', `${GOOD}«colour: red\n`, ['unknown-key'], 'It may have'],
  ['__proto__ at the top', `${GOOD}«__proto__: { x: 1 }\n`, ['unknown-key']],
  ['constructor at the top', `${GOOD}«constructor: 1\n`, ['unknown-key']],
  ['a key with a hyphen', task('«depends-on: []\n'), ['unknown-key'], 'Did you mean "depends_on"?'],
  ['a camel case key', task('«dependsOn: []\n'), ['unknown-key'], 'Did you mean "depends_on"?'],
  ['an upper case key', task('«Prompt: x\n'), ['unknown-key'], 'Did you mean "prompt"?'],
  ['two letters swapped', task('«promtp: x\n'), ['unknown-key'], 'Did you mean "prompt"?'],
  ['a singular key', task('«file: x\n'), ['unknown-key'], 'Did you mean "files"?'],
  ['a number as key', task('«1: x\n'), ['unknown-key']],
  ['__proto__ in a task', task('«__proto__: { agent: x }\n'), ['unknown-key']],
  ['wave on a task', task('«wave: 1\n'), ['unknown-key']],
  ['plans in a task', task('«plans: []\n'), ['unknown-key']],
  [
    'phases in a plan',
    'plans:\n  - id: p\n    «phases: []\n    tasks: [{ id: a, title: A }]\n',
    ['unknown-key'],
  ],
  [
    'initiatives in a phase',
    'phases:\n  - id: p\n    «initiatives: []\n    tasks: [{ id: a, title: A }]\n',
    ['unknown-key'],
  ],
  ['an unknown default', `defaults:\n  «agnet: coder\n${GOOD}`, ['unknown-key'], 'Did you mean "agent"?'],
  ['an unknown part of a budget', task('budget: { usd: 1, «tokens: 5 }\n'), ['unknown-key'], 'usd, turns'],
  ['an unknown kind of criterion', task('exit_criteria: [{ «test: x }]\n'), ['unknown-key']],
  ['a key twice in a task', task('«title: B\n'), ['duplicate-key'], '3:5'],
  ['a key twice at the top', `${GOOD}«tasks: []\n`, ['duplicate-key']],
  ['a key three times', task('«title: B\n«title: C\n'), ['duplicate-key', 'duplicate-key']],
  ['tasks as a map', 'tasks: «{ a: { title: A } }\n', ['wrong-type'], '- id'],
  ['tasks as text', 'tasks: «a, b\n', ['wrong-type']],
  ['a task that is text', 'tasks: [«a]\n', ['wrong-type'], '- id'],
  ['a task that is null', 'tasks: [{ id: b, title: B }, «~]\n', ['wrong-type']],
  ['a task that is a list', 'tasks: [«[a]]\n', ['wrong-type']],
  ['phases as a map', 'phases:\n  «one: { id: x }\n', ['wrong-type']],
  ['initiatives as text', 'initiatives: «none\n', ['wrong-type']],
  ['plans as a number', 'plans: «3\n', ['wrong-type']],
  ['defaults as a list', `defaults: «[coder]\n${GOOD}`, ['wrong-type']],
  ['a title that is a list', 'tasks:\n  - id: a\n    title: «[x]\n    prompt: p\n', ['wrong-type']],
  ['a prompt that is a map', task('prompt: «{ text: x }\n'), ['wrong-type'], 'many lines'],
  ['a verify that is a list', task('verify: «[npm, test]\n'), ['wrong-type']],
  ['an agent that is a map', task('agent: «{ name: x }\n'), ['wrong-type']],
  ['a budget that is a number', task('budget: «2\n'), ['wrong-type'], 'usd: 2'],
  ['a dependency that is a map', task('depends_on: [«{ id: x }]\n'), ['wrong-type']],
  ['dependencies that are a map', task('depends_on: «{ id: x }\n'), ['wrong-type']],
  ['a dependency that is empty', task('depends_on: [«""]\n'), ['wrong-type']],
  ['a dependency that is null', task('depends_on: [«~]\n'), ['wrong-type']],
  ['files that are a map', task('files: «{ a: b }\n'), ['wrong-type']],
  ['a file that is a list', task('files: [«[a]]\n'), ['wrong-type']],
  ['a criterion that is a list', task('exit_criteria: [«[a]]\n'), ['wrong-type']],
  [
    'requirements that are maps',
    'phases:\n  - id: p\n    requirements: [«{ a: b }]\n    tasks: [{ id: a, title: A }]\n',
    ['wrong-type'],
  ],
  [
    'a description that is a list',
    'phases:\n  - id: p\n    description: «[x]\n    tasks: [{ id: a, title: A }]\n',
    ['wrong-type'],
  ],
  ['an escaped escape in a title', 'tasks:\n  - id: a\n    title: «"\\e[31m"\n', ['control-character']],
  ['an escaped NUL in a prompt', task('prompt: «"a\\0b"\n'), ['control-character']],
  ['an escaped NUL in a file', task('files: [«"a\\0b"]\n'), ['control-character']],
];

const VALUES: readonly Case[] = [
  ['a newer version', `version: «2\n${GOOD}`, ['bad-value'], 'version 1'],
  ['a version that is a word', `version: «latest\n${GOOD}`, ['bad-value']],
  ['an unknown priority', task('priority: «urgent\n'), ['bad-value'], 'critical, high, medium, low'],
  ['a misspelt priority', task('priority: «hihg\n'), ['bad-value'], 'Did you mean "high"?'],
  ['a priority below 0', task('priority: «-1\n'), ['bad-value']],
  ['a priority above 1000', task('priority: «1001\n'), ['bad-value']],
  ['a fractional priority', task('priority: «1.5\n'), ['bad-value']],
  ['a priority of infinity', task('priority: «.inf\n'), ['bad-value']],
  ['a priority of NaN', task('priority: «.nan\n'), ['bad-value']],
  ['a priority list', task('priority: «[high]\n'), ['wrong-type']],
  ['an unknown failure mode', task('on_failure: «ignore\n'), ['bad-value'], 'hard, soft, skip'],
  ['a misspelt failure mode', task('on_failure: «sfot\n'), ['bad-value'], 'Did you mean "soft"?'],
  ['a timeout without sense', task('timeout: «soon\n'), ['bad-value'], '30m'],
  ['a timeout with units twice', task('timeout: «1h1h\n'), ['bad-value']],
  ['a timeout with the small unit first', task('timeout: «30m1h\n'), ['bad-value']],
  ['a timeout of nothing', task('timeout: «0\n'), ['bad-value']],
  ['a timeout below zero', task('timeout: «-5m\n'), ['bad-value']],
  ['a timeout of a month', task('timeout: «30d\n'), ['bad-value']],
  ['a timeout with an unknown unit', task('timeout: «5w\n'), ['bad-value']],
  ['a timeout in a list', task('timeout: «[30m]\n'), ['wrong-type']],
  ['a budget of nothing', task('budget: { usd: «0 }\n'), ['bad-value']],
  ['a negative budget', task('budget: { usd: «-1 }\n'), ['bad-value']],
  ['a budget in words', task('budget: { usd: «two }\n'), ['wrong-type']],
  ['half a turn', task('budget: { turns: «0.5 }\n'), ['bad-value']],
  ['no attempts', task('max_attempts: «0\n'), ['bad-value'], 'from 1 to 20'],
  ['too many attempts', task('max_attempts: «21\n'), ['bad-value']],
  ['attempts in words', task('max_attempts: «many\n'), ['wrong-type']],
  ['an estimate in words', task('estimate_hours: «long\n'), ['wrong-type']],
  ['wave 0', 'plans:\n  - id: p\n    wave: «0\n    tasks: [{ id: a, title: A }]\n', ['bad-value']],
  ['wave 100', 'plans:\n  - id: p\n    wave: «100\n    tasks: [{ id: a, title: A }]\n', ['bad-value']],
  ['half a wave', 'plans:\n  - id: p\n    wave: «1.5\n    tasks: [{ id: a, title: A }]\n', ['bad-value']],
  [
    'a wave in words',
    'plans:\n  - id: p\n    wave: «first\n    tasks: [{ id: a, title: A }]\n',
    ['wrong-type'],
  ],
  ['an absolute file', task('files: [«/etc/passwd]\n'), ['bad-value'], 'relative'],
  ['a file in the home directory', task('files: [«~/x]\n'), ['bad-value']],
  ['a file above the repository', task('files: [«../x]\n'), ['bad-value']],
  ['a file that climbs out', task('files: [«src/../../x]\n'), ['bad-value']],
  ['a Windows path', task('files: [«"C:\\\\x"]\n'), ['bad-value']],
  ['a very long path', task(`files: [«${'x'.repeat(1_025)}]\n`), ['bad-value']],
  ['an agent that is an option', task('agent: «--model=x\n'), ['bad-value'], 'agents in the config'],
  ['a workflow with a slash', task('workflow: «a/b\n'), ['bad-value']],
  ['a bad priority in the defaults', `defaults: { priority: «top }\n${GOOD}`, ['bad-value']],
  ['a bad timeout in the defaults', `defaults: { timeout: «never }\n${GOOD}`, ['bad-value']],
  [
    'a bad priority of a milestone',
    'epics:\n  - id: e\n    milestones:\n      - id: m\n        priority: «P1\n        tasks: [{ id: a, title: A }]\n',
    ['bad-value'],
  ],
];

const bad = (id: string) => `tasks:\n  - id: «${id}\n    title: A\n`;
const IDS: readonly Case[] = [
  ['an id that is an option', bad('--output=x'), ['bad-id'], 'begins with a letter or digit'],
  ['an id that climbs', bad('../x'), ['bad-id']],
  ['an id with a slash', bad('a/b'), ['bad-id'], 'For example: a-b'],
  ['an id with a space', bad('a b'), ['bad-id']],
  ['an id that begins with a dot', bad('.git'), ['bad-id']],
  ['an id that begins with an underscore', bad('_a'), ['bad-id']],
  ['an id in Cyrillic', bad('задача'), ['bad-id']],
  ['an id with an emoji', bad('fix-🚀'), ['bad-id']],
  ['an id with a shell word', bad('"a;rm -rf ~"'), ['bad-id']],
  ['an id with a quote', bad(`"a'b"`), ['bad-id']],
  ['an id with a line end', bad('"a\\nb"'), ['bad-id']],
  ['an id with a trailing line end', bad('"a\\n"'), ['bad-id']],
  ['an id of 65 characters', bad('x'.repeat(65)), ['bad-id']],
  ['an id with a colon', bad('"a:b"'), ['bad-id']],
  ['an id with a star', bad('"a*"'), ['bad-id']],
  ['an id with a hash', bad('"gate:a#1"'), ['bad-id']],
  ['a negative number as id', bad('-1'), ['bad-id']],
  ['an id that is a list', bad('[a]'), ['wrong-type']],
  ['an id that is a map', bad('{ a: b }'), ['wrong-type']],
  ['an id that is empty', bad('""'), ['missing-id']].map((part, i) =>
    i === 1 ? 'tasks:\n  - «id: ""\n    title: A\n' : part,
  ) as unknown as Case,
  ['an id without a value', 'tasks:\n  - «id:\n    title: A\n', ['missing-id']],
  ['no id', 'tasks:\n  - «title: Fix the cart\n', ['missing-id'], 'Add id: fix-the-cart'],
  [
    'no id in a phase',
    'phases:\n  - «title: One\n    tasks: [{ id: a, title: A }]\n',
    ['missing-id'],
    'phase "One"',
  ],
  ['no id in a plan', 'plans:\n  - «tasks: [{ id: a, title: A }]\n', ['missing-id']],
  ['no id in an initiative', 'initiatives:\n  - «tasks: [{ id: a, title: A }]\n', ['missing-id']],
  [
    'a task that is an empty map',
    'tasks:\n  - «{}\n',
    ['missing-id', 'missing-prompt'].slice(0, 2) as RoadmapProblemCode[],
  ],
  ['nothing to do in a task', 'tasks:\n  - «id: a\n', ['missing-prompt'], 'prompt:'],
  ['an empty prompt and no title', 'tasks:\n  - id: a\n    «prompt: ""\n', ['missing-prompt']],
  ['an id twice', two('', '').replace('id: b', 'id: «a'), ['duplicate-id'], '2:9'],
  [
    'an id three times',
    'tasks: [{id: a, title: A}, {id: «a, title: A}, {id: «a, title: A}]\n',
    ['duplicate-id', 'duplicate-id'],
  ],
  [
    'a task with the id of its phase',
    'phases:\n  - id: a\n    tasks: [{ id: «a, title: A }]\n',
    ['duplicate-id'],
    'phase at',
  ],
  [
    'a phase with the id of an initiative',
    'initiatives: [{ id: x, phases: [{ id: «x, tasks: [{ id: a, title: A }] }] }]\n',
    ['duplicate-id'],
  ],
  [
    'a number and a text with the same id',
    'tasks: [{id: 1, title: A}, {id: «"1", title: A}]\n',
    ['duplicate-id'],
  ],
  [
    'ids that differ in case only',
    'tasks: [{id: Cart, title: A}, {id: «cart, title: A}]\n',
    ['duplicate-id'],
    'case',
  ],
];

const DEPENDENCIES: readonly Case[] = [
  ['an unknown dependency', task('depends_on: [«zebra]\n'), ['unknown-dependency'], '"zebra"'],
  [
    'a misspelt dependency',
    'tasks:\n  - { id: schema, title: S }\n  - { id: cart, title: C, depends_on: [«shcema] }\n',
    ['unknown-dependency'],
    'Did you mean "schema"?',
  ],
  [
    'a dependency in the wrong case',
    'tasks:\n  - { id: Schema, title: S }\n  - { id: cart, title: C, depends_on: [«schema] }\n',
    ['unknown-dependency'],
    'Did you mean "Schema"?',
  ],
  ['two unknown dependencies', task('depends_on: [«x, «y]\n'), ['unknown-dependency', 'unknown-dependency']],
  [
    'unknown dependencies in the older keys',
    task('dependencies: [«x]\nblocked_by: [«y]\n'),
    ['unknown-dependency', 'unknown-dependency'],
  ],
  [
    'an unknown dependency of a phase',
    'phases: [{ id: p, depends_on: «q, tasks: [{ id: a, title: A }] }]\n',
    ['unknown-dependency'],
  ],
  ['a dependency named constructor', task('depends_on: [«constructor]\n'), ['unknown-dependency']],
  ['a dependency named __proto__', task('depends_on: [«__proto__]\n'), ['unknown-dependency']],
  ['a task that depends on itself', task('depends_on: [«a]\n'), ['self-dependency'], 'depends on itself'],
  [
    'a phase that depends on itself',
    'phases: [{ id: p, depends_on: [«p], tasks: [{ id: a, title: A }] }]\n',
    ['self-dependency'],
  ],
  [
    'an empty phase that depends on itself',
    `${GOOD}phases: [{ id: p, depends_on: [«p] }]\n`,
    ['self-dependency'],
  ],
  [
    'a task that depends on its phase',
    'phases: [{ id: p, tasks: [{ id: a, title: A, depends_on: [«p] }] }]\n',
    ['container-dependency'],
    'stands in',
  ],
  [
    'a task that depends on its plan',
    'plans: [{ id: p, tasks: [{ id: a, title: A, depends_on: «p }] }]\n',
    ['container-dependency'],
  ],
  [
    'a task that depends on its initiative',
    'initiatives: [{ id: i, phases: [{ id: p, tasks: [{ id: a, title: A, depends_on: [«i] }] }] }]\n',
    ['container-dependency'],
  ],
  [
    'a phase that depends on its initiative',
    'initiatives: [{ id: i, phases: [{ id: p, depends_on: [«i], tasks: [{ id: a, title: A }] }] }]\n',
    ['container-dependency'],
  ],
  [
    'a plan that depends on its phase',
    'phases: [{ id: p, plans: [{ id: q, depends_on: [«p], tasks: [{ id: a, title: A }] }] }]\n',
    ['container-dependency'],
  ],
  [
    'a phase that depends on its task',
    'phases: [{ id: p, depends_on: [«a], tasks: [{ id: a, title: A }] }]\n',
    ['container-dependency'],
    'Move the dependency',
  ],
  [
    'an initiative that depends on its phase',
    'initiatives: [{ id: i, depends_on: [«p], phases: [{ id: p, tasks: [{ id: a, title: A }] }] }]\n',
    ['container-dependency'],
  ],
  [
    'two tasks that wait for each other',
    two('depends_on: [«b]', 'depends_on: [a]'),
    ['cycle'],
    'a → b → a (roadmap.yaml:4:18, roadmap.yaml:7:18)',
  ],
  [
    'three tasks in a ring',
    'tasks:\n  - { id: a, title: A, depends_on: [«b] }\n  - { id: b, title: B, depends_on: [c] }\n  - { id: c, title: C, depends_on: [a] }\n',
    ['cycle'],
    'a → b → c → a',
  ],
  [
    'two rings',
    'tasks:\n  - { id: a, title: A, depends_on: [«b] }\n  - { id: b, title: B, depends_on: [a] }\n  - { id: c, title: C, depends_on: [«d] }\n  - { id: d, title: D, depends_on: [c] }\n',
    ['cycle', 'cycle'],
  ],
  [
    'a ring and a task before it',
    'tasks:\n  - { id: z, title: Z, depends_on: [a] }\n  - { id: a, title: A, depends_on: [«b] }\n  - { id: b, title: B, depends_on: [a] }\n',
    ['cycle'],
    ': a → b → a (',
  ],
  [
    'a ring through a phase',
    'phases:\n  - id: p\n    tasks:\n      - { id: a, title: A, depends_on: [«b] }\ntasks:\n  - { id: b, title: B, depends_on: [p] }\n',
    ['cycle'],
    'a → b → p → a',
  ],
  [
    'a ring of two phases',
    'phases:\n  - { id: p, depends_on: [«q], tasks: [{ id: a, title: A }] }\n  - { id: q, depends_on: [p], tasks: [{ id: b, title: B }] }\n',
    ['cycle'],
    'a → q → b → p → a',
  ],
  [
    'a ring through a dependency of an initiative',
    'initiatives: [{ id: i, depends_on: [«x], tasks: [{ id: a, title: A }] }]\ntasks: [{ id: x, title: X, depends_on: [a] }]\n',
    ['cycle'],
    'a → x → a',
  ],
  [
    'an early wave that waits for a later one',
    'phases:\n  - id: p\n    plans:\n      - { id: w1, wave: 1, tasks: [{ id: a, title: A, depends_on: [«b] }] }\n      - { id: w2, wave: 2, tasks: [{ id: b, title: B }] }\n',
    ['cycle'],
    'a → b → waves before 2 of p → a (roadmap.yaml:4:68, roadmap.yaml:5:25)',
  ],
  [
    'a plan of an early wave that waits for a later one',
    'plans:\n  - { id: w1, wave: 1, depends_on: [«w2], tasks: [{ id: a, title: A }] }\n  - { id: w2, wave: 2, tasks: [{ id: b, title: B }] }\n',
    ['cycle'],
    'a → w2 → b → waves before 2 → a',
  ],
  [
    'a phase that waits for what waits for one of its tasks',
    'phases:\n  - { id: p, depends_on: [«x], tasks: [{ id: a, title: A }, { id: b, title: B }] }\ntasks: [{ id: x, title: X, depends_on: [b] }]\n',
    ['cycle'],
    'b → x → b',
  ],
];

const SEVERAL: readonly Case[] = [
  [
    'every kind of slip at once',
    'version: «9\ntasks:\n  - id: «../x\n    title: A\n  - id: b\n    title: B\n    «promt: x\n    depends_on: [«zebra, «b]\n    priority: «top\n',
    ['bad-value', 'bad-id', 'unknown-key', 'unknown-dependency', 'self-dependency', 'bad-value'],
  ],
  [
    'a dependency on a task with a bad id',
    'tasks:\n  - { id: «"a b", title: A }\n  - { id: c, title: C, depends_on: ["a b"] }\n',
    ['bad-id'],
  ],
  [
    'problems inside a phase without an id',
    'phases:\n  - «title: P\n    tasks:\n      - id: a\n        title: A\n        «colour: red\n',
    ['missing-id', 'unknown-key'],
  ],
  [
    'a ring beside an unknown dependency',
    two('depends_on: [«b]', 'depends_on: [a, «c]'),
    ['cycle', 'unknown-dependency'],
  ],
];

for (const [group, cases] of Object.entries({
  TEXT,
  SYNTAX,
  STRUCTURE,
  SHAPE,
  VALUES,
  IDS,
  DEPENDENCIES,
  SEVERAL,
})) {
  for (const [title, marked, codes, says] of cases) {
    const ids = group === 'DEPENDENCIES' ? 'S0-56 S3-21 S3-22' : 'S0-56';
    test(`${ids} ${group.toLowerCase()}: ${title} is refused at its place`, () => {
      const expected = places(marked);
      assert.equal(expected.length, new Set(expected).size);
      const read = readRoadmap('roadmap.yaml', Buffer.from(marked.replaceAll('«', '')));
      assert.equal(read.kind, 'invalid');
      if (read.kind !== 'invalid') return;
      const found = read.problems.map(({ line, col, code }) => `${line}:${col} ${code}`);
      const wanted = codes.map((code, i) => `${expected[Math.min(i, expected.length - 1)]} ${code}`);
      assert.deepEqual(found, wanted, JSON.stringify(read.problems, undefined, 1));
      const [first] = read.problems;
      assert.ok(first !== undefined && first.message !== '' && first.advice !== '');
      if (says !== undefined)
        assert.ok(`${first.message} ${first.advice}`.includes(says), `${first.message} ${first.advice}`);
      for (const problem of read.problems) assertExcerpt(problem, marked.replaceAll('«', ''));
    });
  }
}

/** The line:col of each « once all of them are taken out. */
function places(marked: string): readonly string[] {
  const found: string[] = [];
  marked.split('\n').forEach((line, i) => {
    let col = 0;
    for (const char of line) {
      if (char === '«') found.push(`${i + 1}:${col + 1}`);
      else col += char.length;
    }
  });
  return found;
}

function assertExcerpt(problem: { line: number; excerpt: string }, text: string): void {
  const [line = '', caret = ''] = problem.excerpt.split('\n');
  const source = text.split('\n')[problem.line - 1] ?? '';
  assert.match(caret, /^ +\^$/);
  assert.ok(caret.length <= line.length + 1, problem.excerpt);
  const under = line[caret.length - 1];
  if (under !== undefined && under !== '�' && under !== ' ')
    assert.ok(source.includes(under), problem.excerpt);
}
