import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { withCommandList } from '../../scripts/command-list.ts';
import { withKeyTable } from '../../scripts/key-table.ts';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { agentResult } from '../../src/core/agents/outcome.ts';
import { configFile } from '../../src/core/config/schema.ts';
import { buildProgram, normaliseArgv } from '../../src/surfaces/cli/program.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Page {
  readonly path: string;
  readonly text: string;
}

async function pages(): Promise<readonly Page[]> {
  const found: Page[] = [];
  for await (const path of glob(['*.md', 'docs/**/*.md'], { cwd: ROOT })) {
    found.push({ path, text: await readFile(join(ROOT, path), 'utf8') });
  }
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

const PAGES = await pages();
/** Pages that name commands as wishes. */
const SAYS_WHAT_MUST_BE = [join('docs', 'requirements.md')];

function blocks(page: Page, language: string): readonly string[] {
  return [...page.text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, its, text = '']) =>
    its === language ? [text] : [],
  );
}

/** Lines of shell blocks, and code in the text, that begin with `program`. */
function calls(page: Page, program: string): readonly string[] {
  const lines = blocks(page, 'sh').flatMap((block) => block.split('\n'));
  const prose = page.text.replace(/^```[\s\S]*?^```$/gm, '');
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...lines, ...inline]
    .flatMap((line) => line.split(' && '))
    .filter((call) => call === program || call.startsWith(`${program} `));
}

/** The words of a call as a shell would see them; it uses no more than quotes. */
function words(call: string): readonly string[] {
  return [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** What GitHub makes of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('every link in the docs leads somewhere', () => {
  const broken: string[] = [];
  for (const { path, text } of PAGES) {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', heading] = target.split('#');
      const absolute = file === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), file);
      const page = PAGES.find((other) => other.path === relative(ROOT, absolute));
      const headings = [...(page?.text ?? '').matchAll(/^#+ (.*)$/gm)].map(([, words = '']) => anchor(words));
      if (!existsSync(absolute) || (heading !== undefined && !headings.includes(heading))) {
        broken.push(`${path}: ${target}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test('every decision is listed among the decisions', () => {
  const list = PAGES.find(({ path }) => path === join('docs', 'adr', 'README.md'))?.text ?? '';
  for (const { path, text } of PAGES.filter((page) => /adr\/\d{4}-/.test(page.path))) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    assert.ok(list.includes(`](${name})`), `${name} is not in docs/adr/README.md`);
    assert.ok(text.startsWith(`# ${name.slice(0, 4)}: `), `${name} does not begin with its number`);
    for (const heading of ['Why', 'Decision', 'Refused', 'What follows']) {
      assert.ok(text.includes(`\n## ${heading}\n`), `${name} says nothing about "${heading}"`);
    }
  }
});

for (const { path, text } of PAGES) {
  const page = { path, text };

  test(`the files and folders that ${path} names are there`, () => {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
    const named = [...prose.matchAll(/`((?:src|test|scripts|bin|docs|schema|bench)\/[\w./-]*)`/g)];
    assert.deepEqual(
      named.map(([, name = '']) => name).filter((name) => !existsSync(join(ROOT, name))),
      [],
    );
  });

  test(`the cw commands in ${path} are ones that cw knows, with those options`, () => {
    for (const call of SAYS_WHAT_MUST_BE.includes(path) ? [] : calls(page, 'cw')) {
      let chosen = false;
      const program = buildProgram({ version: '0', print: () => {}, chosen: () => (chosen = true) });
      const argv = normaliseArgv(words(call).slice(1));
      // A bare `cw` speaks of the program, not of a call.
      if (argv.length === 0) continue;
      assert.doesNotThrow(() => program.parse(argv, { from: 'user' }), call);
      assert.ok(chosen, call);
    }
  });

  test(`the npm scripts in ${path} exist`, async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const call of [...calls(page, 'npm run'), ...calls(page, 'npm test'), ...calls(page, 'npm start')]) {
      const [, command = '', name = ''] = words(call);
      assert.ok((command === 'run' ? name : command) in scripts, call);
    }
  });

  test(`the roadmaps in ${path} are valid`, () => {
    for (const text of blocks(page, 'yaml')) {
      const read = readRoadmap(path, Buffer.from(text));
      assert.deepEqual(read.kind === 'invalid' ? read.problems : [], [], text);
    }
  });

  test(`the settings and results in ${path} are valid`, () => {
    for (const text of blocks(page, 'json')) {
      const value: unknown = JSON.parse(text);
      const schema =
        value !== null && typeof value === 'object' && 'status' in value ? agentResult : configFile;
      assert.doesNotThrow(() => schema.parse(value), text);
    }
  });
}

test('the list of commands in the README is the one of the command line', () => {
  const readme = PAGES.find(({ path }) => path === 'README.md')?.text ?? '';
  assert.ok(readme === withCommandList(readme), 'README.md is out of date: run npm run docs');
});

test('the keys in the guide are those of the terminal face', () => {
  const guide = PAGES.find(({ path }) => path === 'docs/guides/tui.md')?.text ?? '';
  assert.ok(guide === withKeyTable(guide), 'docs/guides/tui.md is out of date: run npm run docs');
});

test('the cheap commands of the docs run', () => {
  for (const args of [['--version'], ['--help'], ['run', '--help'], ['task', '--help']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'cw.mjs'), ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, `cw ${args.join(' ')}: ${stderr}`);
    assert.match(stdout, /\d+\.\d+\.\d+|Usage/);
  }
});
