import { join } from 'node:path';
import { measuredOn, type Report, writeSection } from '../scripts/report.ts';
import type { Section } from './stats.ts';

/** The parts by name; each is loaded only when it runs. */
const PARTS: Readonly<Record<string, () => Promise<Section>>> = {
  engine: async () => (await import('./engine.ts')).benchEngine(),
  git: async () => (await import('./git-cycle.ts')).benchGitCycle(),
  worktrees: async () => (await import('./worktrees.ts')).benchWorktrees(),
  sandbox: async () => (await import('./sandbox.ts')).benchSandbox(),
  roadmap: async () => (await import('./roadmap.ts')).benchRoadmap(),
  sync: async () => (await import('./sync.ts')).benchSync(),
  throughput: async () => (await import('./throughput.ts')).benchThroughput(),
  events: async () => (await import('./events.ts')).benchEvents(),
  tui: async () => (await import('./tui.ts')).benchTui(),
  'tui-view': async () => (await import('./tui-view.ts')).benchTuiView(),
  start: async () => (await import('./cold-start.ts')).benchColdStart(),
};

const RESULTS: Report = {
  path: join(import.meta.dirname, 'RESULTS.md'),
  begin: '<!-- bench: begin -->',
  end: '<!-- bench: end -->',
  order: Object.keys(PARTS),
};

/** Also where it is told how far the store goes. */
const SCALE: Report = {
  path: join(import.meta.dirname, '..', 'docs', 'scale.md'),
  begin: '<!-- throughput: begin -->',
  end: '<!-- throughput: end -->',
  order: ['Beside other queues'],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

for (const [name, run] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { title, text } = await run();
  console.log(`\n## ${title}\n\n${text}`);
  writeSection(RESULTS, { title: name, text: `**${title}.** ${measuredOn()}.\n\n${text}` });
  if (name === 'throughput') {
    writeSection(SCALE, { title: 'Beside other queues', text: `${measuredOn()}.\n\n${text}` });
  }
}
console.log('\nWritten to bench/RESULTS.md');
