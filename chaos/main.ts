import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measuredOn, type Report, writeSection } from '../scripts/report.ts';
import type { Finding } from './experiment.ts';
import { EXPERIMENTS } from './experiments.ts';

const REPORT: Report = {
  path: join(import.meta.dirname, '..', 'docs', 'reliability.md'),
  begin: '<!-- chaos: begin -->',
  end: '<!-- chaos: end -->',
  order: Object.keys(EXPERIMENTS),
};
const HELP = `npm run chaos -- [experiment…] [--seed N] [--scale 0.1]

Does harm to the program and prints what came of it. At full scale its section of docs/reliability.md is written anew.
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
  missed += findings.filter(({ met }) => met === false).length;
  // A smaller number of rounds proves less than the report says.
  if (scale < 1) continue;
  const ran = `Seed ${seed}, ${seconds} s, ${measuredOn()}.`;
  writeSection(REPORT, { title: name, text: `${experiment.about} ${ran}\n\n${text}` });
  console.log(`\nWritten to docs/reliability.md`);
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
