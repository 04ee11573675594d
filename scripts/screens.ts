// Makes the pictures of the terminal face in docs/screens/: the built cw works on the demo's roadmap, in a terminal.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svgOf } from './screens/svg.ts';
import { Window } from './screens/window.ts';

const ROOT = join(import.meta.dirname, '..');
const SCREENS = join(ROOT, 'docs', 'screens');
const CW = join(ROOT, 'dist', 'cw.mjs');
const SIZE = { width: 132, height: 40 };
/** Slow enough to be looked at. */
const THINK_MS = '4000';
const ESCAPE = '\u001b';

interface Scene {
  readonly name: string;
  readonly title: string;
  /** Typed one after another, each when what the one before brings is on screen. */
  readonly steps: readonly { readonly type: string; readonly shows: RegExp }[];
  /** Brings back the panes. */
  readonly back: string;
}

const SCENES: readonly Scene[] = [
  {
    name: 'overview',
    title: 'Four agents at work beside the plan, the inbox, the merges and the events',
    steps: [],
    back: '',
  },
  {
    name: 'graph',
    title: 'The plan as a graph',
    steps: [
      { type: '2t', shows: /━ 2 Graph/ },
      { type: 'z', shows: /\[2 Graph/ },
    ],
    back: 'zt1',
  },
  {
    name: 'palette',
    title: 'Any command of cw',
    steps: [
      { type: ':', shows: /Command/ },
      { type: 'task', shows: /task retry/ },
    ],
    back: ESCAPE,
  },
  {
    name: 'settings',
    title: 'Settings, and where each value comes from',
    steps: [{ type: ',', shows: /maxAgents/ }],
    back: ESCAPE,
  },
];

const base = mkdtempSync(join(tmpdir(), 'cw-screens-'));
/** Its path is in a picture, so it is the same each time. */
const project = join(tmpdir(), 'textkit');
try {
  makeProject();
  const env = {
    ...process.env,
    HOME: base,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    COLORFGBG: '15;0',
  };
  await using window = new Window(`'${process.execPath}' '${CW}' run`, { cwd: project, env, size: SIZE });
  mkdirSync(SCREENS, { recursive: true });
  await window.until((screen) => count(screen, /▶ working/g) >= 2 && count(screen, /✓ complete/g) >= 1);
  for (const scene of SCENES) {
    for (const { type, shows } of scene.steps) {
      window.type(type);
      await window.until((screen) => shows.test(screen));
    }
    keep(scene, window);
    if (scene.back !== '') window.type(scene.back);
    await window.until((screen) => /q leave/.test(screen));
  }
  await window.until((screen) => /approval/.test(screen));
  const diff = { name: 'diff', title: 'What a task changed, side by side, before it is approved' };
  window.type('3gg');
  await window.until((screen) => /━ 3 Inbox/.test(screen));
  window.type('d');
  await window.until((screen) => /stats\.mjs/.test(screen) && !/2 Plan/.test(screen));
  keep(diff, window);
} finally {
  for (const directory of [base, project]) rmSync(directory, { recursive: true, force: true });
}

/** The demo's, with a task whose work a person is to see. */
function makeProject(): void {
  const env = { ...process.env, HOME: base, CW_DEMO_THINK_MS: THINK_MS };
  execFileSync(process.execPath, [CW, 'demo', project, '--no-run'], { env, stdio: 'ignore' });
  edit(
    join(project, 'roadmap.yaml'),
    '- id: reading-time\n',
    '- id: reading-time\n            approve: true\n',
  );
}

function edit(path: string, what: string | RegExp, by: string): void {
  const text = readFileSync(path, 'utf8');
  const next = text.replace(what, by);
  if (next === text) throw new Error(`${path} has no ${what}`);
  writeFileSync(path, next);
}

function keep({ name, title }: Pick<Scene, 'name' | 'title'>, window: Window): void {
  const path = join(SCREENS, `${name}.svg`);
  writeFileSync(path, svgOf(window.runs(), SIZE.width, title));
  console.log(path);
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
