import { predecessors } from './prompt-parts.ts';

/** What an edit may look at. */
export interface Surroundings {
  /** The prompt that the task began with. */
  readonly prompt: string;
  /** The text of another file of the worktree, '' when it is not there. */
  read(path: string): string;
}

/** The text of a file after an edit; `before` is '' for a new one. An edit that is made again changes nothing. */
export type Edit = (before: string, around: Surroundings) => string;

/** What the scripted coder does for one task of the demo. */
export interface CoderScript {
  readonly edits: Readonly<Record<string, Edit>>;
  /** Left out in the first round, so that the reviewer has something to find. */
  readonly forgets?: string;
  readonly summary: string;
  /** How long it pretends to think, as a multiple of the usual time. */
  readonly effort: number;
}

const TEST_IMPORTS = `import assert from 'node:assert/strict';
import { test } from 'node:test';
`;

const whole =
  (text: string): Edit =>
  () =>
    text;

/** Adds text at the end of a file, below `head` when the file is new. */
const added =
  (text: string, head = ''): Edit =>
  (before) =>
    before.includes(text.trim()) ? before : (before === '' ? head : before) + text;

const STATS_HEAD = `import { words } from './words.mjs';
`;
const STATS_TEST_HEAD = `${TEST_IMPORTS}import * as stats from '../src/stats.mjs';
`;

export const CODER_SCRIPTS: Readonly<Record<string, CoderScript>> = {
  'title-case': {
    effort: 1.2,
    summary: 'titleCase(text) capitalises each word but the small ones.',
    forgets: 'test/title-case.test.mjs',
    edits: {
      'src/title-case.mjs': whole(`const SMALL = new Set(['a', 'an', 'and', 'of', 'or', 'the', 'to']);

/** The text as a title: each word with a capital letter, but the small ones behind the first. */
export function titleCase(text) {
  const small = text.toLowerCase().split(' ');
  return small
    .map((word, i) => (i > 0 && SMALL.has(word) ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(' ');
}
`),
      'test/title-case.test.mjs': whole(`${TEST_IMPORTS}import { titleCase } from '../src/title-case.mjs';

test('each word of a title begins with a capital letter', () => {
  assert.equal(titleCase('hello WORLD'), 'Hello World');
});

test('small words stay small, but not at the beginning', () => {
  assert.equal(titleCase('the lord of the rings'), 'The Lord of the Rings');
});
`),
    },
  },
  slug: {
    effort: 0.7,
    summary: 'slug(text) turns a text into a part of a URL.',
    edits: {
      'src/slug.mjs': whole(`import { words } from './words.mjs';

/** The text as a part of a URL: "Hello, World!" becomes "hello-world". */
export function slug(text) {
  return words(text.toLowerCase()).join('-').replaceAll("'", '');
}
`),
      'test/slug.test.mjs': whole(`${TEST_IMPORTS}import { slug } from '../src/slug.mjs';

test('a slug has small letters and dashes', () => {
  assert.equal(slug('Hello, World!'), 'hello-world');
});

test('a slug has no apostrophes', () => {
  assert.equal(slug("It's late"), 'its-late');
});
`),
    },
  },
  'count-words': {
    effort: 1.5,
    summary: 'wordCount(text) counts words.',
    edits: {
      'src/stats.mjs': added(
        `
/** How many words the text has. */
export function wordCount(text) {
  return words(text).length;
}
`,
        STATS_HEAD,
      ),
      'test/stats.test.mjs': added(
        `
test('words are counted without punctuation', () => {
  assert.equal(stats.wordCount('Well - one, two, three.'), 4);
});
`,
        STATS_TEST_HEAD,
      ),
    },
  },
  'reading-time': {
    effort: 0.8,
    summary: 'readingMinutes(text) estimates how long reading takes.',
    edits: {
      'src/stats.mjs': added(
        `
const WORDS_A_MINUTE = 200;

/** The minutes it takes to read the text, rounded up. */
export function readingMinutes(text) {
  return Math.ceil(words(text).length / WORDS_A_MINUTE);
}
`,
        STATS_HEAD,
      ),
      'test/stats.test.mjs': added(
        `
test('a minute that has begun counts as a minute of reading', () => {
  assert.equal(stats.readingMinutes('word '.repeat(201)), 2);
  assert.equal(stats.readingMinutes(''), 0);
});
`,
        STATS_TEST_HEAD,
      ),
    },
  },
  truncate: {
    effort: 0.6,
    summary: 'truncate(text, max) cuts a text between words.',
    edits: {
      'src/truncate.mjs':
        whole(`/** The text, or as many whole words of it as fit into max characters with "…" behind them. */
export function truncate(text, max) {
  if (text.length <= max) return text;
  const end = text.lastIndexOf(' ', max - 1);
  return text.slice(0, Math.max(0, end)) + '…';
}
`),
      'test/truncate.test.mjs': whole(`${TEST_IMPORTS}import { truncate } from '../src/truncate.mjs';

test('a short text stays as it is', () => {
  assert.equal(truncate('one two', 7), 'one two');
});

test('a long text is cut between words', () => {
  assert.equal(truncate('one two three', 8), 'one two…');
  assert.equal(truncate('one two three', 7), 'one…');
});
`),
    },
  },
  'export-shape': {
    effort: 0.6,
    summary: 'src/index.mjs exports slug, titleCase and truncate.',
    edits: {
      'src/index.mjs': added(`export { slug } from './slug.mjs';
export { titleCase } from './title-case.mjs';
export { truncate } from './truncate.mjs';
`),
      'test/export-shape.test.mjs': whole(`${TEST_IMPORTS}import * as textkit from '../src/index.mjs';

test('the functions that shape text are exported', () => {
  for (const name of ['slug', 'titleCase', 'truncate']) assert.equal(typeof textkit[name], 'function', name);
});
`),
    },
  },
  'export-stats': {
    effort: 0.7,
    summary: 'src/index.mjs exports wordCount and readingMinutes.',
    edits: {
      'src/index.mjs': added(`export { wordCount } from './stats.mjs';
export { readingMinutes } from './stats.mjs';
`),
      'test/export-stats.test.mjs': whole(`${TEST_IMPORTS}import * as textkit from '../src/index.mjs';

test('the functions that measure text are exported', () => {
  for (const name of ['wordCount', 'readingMinutes']) assert.equal(typeof textkit[name], 'function', name);
});
`),
    },
  },
  cli: {
    effort: 1,
    summary: 'src/cli.mjs calls the functions from a command line.',
    edits: {
      'src/cli.mjs': whole(`import * as textkit from './index.mjs';

const [name = '', ...rest] = process.argv.slice(2);
if (Object.hasOwn(textkit, name)) {
  console.log(textkit[name](rest.join(' ')));
} else {
  console.error('usage: node src/cli.mjs <function> <text>; there are: ' + Object.keys(textkit).join(', '));
  process.exitCode = 2;
}
`),
      'test/cli.test.mjs': whole(`${TEST_IMPORTS}import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli.mjs', import.meta.url));
const run = (...args) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

test('the function that is named first gets the text', () => {
  assert.equal(run('slug', 'Hello, World!').stdout, 'hello-world\\n');
});

test('an unknown function is refused with the known ones', () => {
  const { status, stderr } = run('shout', 'hello');
  assert.equal(status, 2);
  assert.match(stderr, /slug/);
});
`),
    },
  },
  changelog: {
    effort: 0.8,
    summary: 'CHANGELOG.md says what each task of phase 1 made, in its own words.',
    edits: {
      'CHANGELOG.md': (_before, { prompt }) => {
        const lines = predecessors(prompt).map(
          ({ title, summary }) => `- ${title}: ${summary.split('\n')[0]}\n`,
        );
        return `# Changelog\n\n## 0.2.0\n\n${lines.toReversed().join('')}`;
      },
    },
  },
  release: {
    effort: 0.7,
    summary: 'Version 0.2.0, with every function named in README.md.',
    edits: {
      'package.json': (before) => before.replace('"version": "0.1.0"', '"version": "0.2.0"'),
      'README.md': (before, { read }) => {
        const names = [...read('src/index.mjs').matchAll(/^export \{ (\w+) \}/gm)].map((match) => match[1]);
        const list = `\n## Functions\n\n${names.map((name) => `- ${name}\n`).join('')}`;
        return before.includes('\n## Functions\n') ? before : before + list;
      },
      'test/release.test.mjs': whole(`${TEST_IMPORTS}import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL('../' + path, import.meta.url), 'utf8');

test('the changelog has a heading for the version', () => {
  const { version } = JSON.parse(read('package.json'));
  assert.ok(read('CHANGELOG.md').includes('\\n## ' + version + '\\n'), version);
});
`),
    },
  },
};

/** For a task that is in nobody's script: its prompt, written down instead of done. */
export function noteScript(task: string): CoderScript {
  const path = `notes/${task}.md`;
  return {
    effort: 0.5,
    summary: `A scripted agent knows only the demo's own tasks; what was asked is noted in ${path}.`,
    edits: { [path]: (_before, { prompt }) => `${prompt.trimEnd()}\n` },
  };
}
