import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Section } from './stats.ts';

/** The parts by name; each is loaded only when it runs. */
const PARTS: Readonly<Record<string, () => Promise<Section>>> = {
  engine: async () => (await import('./engine.ts')).benchEngine(),
  git: async () => (await import('./git-cycle.ts')).benchGitCycle(),
  worktrees: async () => (await import('./worktrees.ts')).benchWorktrees(),
  sandbox: async () => (await import('./sandbox.ts')).benchSandbox(),
  throughput: async () => (await import('./throughput.ts')).benchThroughput(),
  start: async () => (await import('./cold-start.ts')).benchColdStart(),
};

const RESULTS = join(import.meta.dirname, 'RESULTS.md');

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

const sections: Section[] = [];
for (const [name, run] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const section = await run();
  sections.push(section);
  console.log(`\n## ${section.title}\n\n${section.text}`);
}

// A part of the bench says nothing about the others: only a whole run replaces the results.
if (wanted.length === 0) {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  const body = sections.map(({ title, text }) => `## ${title}\n\n${text}\n`).join('\n');
  const head = `# Results of \`npm run bench\`\n\n${machine}. Compare the ratios, not the times: both sides of each ran in turns on the same machine.\n`;
  await writeFile(RESULTS, `${head}\n${body}`);
  console.log(`\nWritten to bench/RESULTS.md`);
}
