import { spawnSync } from 'node:child_process';

/** In this order: what is cheap to find and to mend comes first. Each is also `npm run <name>` by itself. */
const STEPS = ['format', 'lint', 'types', 'layers', 'unused', 'test'];

const skipped = process.argv.includes('--no-test') ? ['test'] : [];
const failed: string[] = [];
for (const step of STEPS.filter((name) => !skipped.includes(name))) {
  const startedAt = performance.now();
  console.log(`── ${step}`);
  const { status } = spawnSync('npm', ['run', '--silent', step], { stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`── ${step} ${status === 0 ? 'passes' : 'FAILS'} (${seconds} s)`);
  if (status !== 0) failed.push(step);
}
if (failed.length > 0) {
  console.error(`\ncheck fails: ${failed.join(', ')}. Run one alone with: npm run ${failed[0]}`);
  process.exitCode = 1;
}
