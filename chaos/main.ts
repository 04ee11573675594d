import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './experiment.ts';
import { EXPERIMENTS } from './experiments.ts';

const REPORT = join(import.meta.dirname, '..', 'docs', 'reliability.md');
const [BEGIN, END] = ['<!-- chaos: begin -->', '<!-- chaos: end -->'];
const HELP = `npm run chaos -- [experiment…] [--seed N] [--scale 0.1]

Does harm to the program and prints what came of it. A whole run at full scale writes docs/reliability.md.
Experiments: ${Object.keys(EXPERIMENTS).join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [seed, scale] = [Number(values.seed), Number(values.scale)];
const unknown = positionals.filter((name) => EXPERIMENTS[name] === undefined);
if (values.help === true || unknown.length > 0 || !Number.isSafeInteger(seed) || !(scale > 0 && scale <= 1)) {
  if (unknown.length > 0) console.error(`There is no experiment ${unknown.join(', ')}.`);
  console.log(HELP);
  process.exit(values.help === true ? 0 : 2);
}

const sections: string[] = [];
let missed = 0;
for (const [name, load] of Object.entries(EXPERIMENTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const experiment = await load();
  const startedAt = performance.now();
  console.log(`\n## ${name} (seed ${seed})\n\n${experiment.about}\n`);
  const findings = await experiment.run({ seed, scale, note: (line) => console.error(`  ${line}`) });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const text = table(findings);
  console.log(text);
  sections.push(`### ${name}\n\n${experiment.about} Seed ${seed}, ${seconds} s.\n\n${text}`);
  missed += findings.filter(({ met }) => met === false).length;
}

// A part of it, or a smaller number of rounds, proves less than the report says.
if (positionals.length === 0 && scale === 1) {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  const before = await readFile(REPORT, 'utf8');
  const [head, rest] = before.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`${REPORT} has no place for the report`);
  await writeFile(REPORT, `${head}${BEGIN}\n${machine}.\n\n${sections.join('\n\n')}\n${END}${tail}`);
  console.log('\nWritten to docs/reliability.md');
}
if (missed > 0) {
  console.error(`\n${missed} not as aimed`);
  process.exitCode = 1;
}

function table(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ what, aim, found, met }) =>
      `| ${what} | ${aim} | ${found} | ${met === undefined ? '–' : met ? 'yes' : '**no**'} |`,
  );
  return ['| what was done | aim | found | met |', '|---|---|---|---|', ...rows].join('\n');
}
