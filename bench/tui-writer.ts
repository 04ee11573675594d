import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../src/main/compose.ts';
import { Attempt } from '../test/contracts/store-kit.ts';

// Stands for an orchestrator whose agents print: so many agents at work on the project in this directory, so many lines
// a second in all into their log files, and for each of them four events a second with a piece of it, as there.
const [agents = 0, perSecond = 0] = process.argv.slice(2).map(Number);
const EVERY_MS = 20;
const EVENT_MS = 250;
const EVENT_LINES = 20;

const root = process.cwd();
const services = compose({ directory: root, env: process.env, version: '0.0.0' });
await (await services.api()).tasks();
const store = await services.store();
const working: { readonly attempt: Attempt; readonly log: string; lines: string[] }[] = [];
for (let number = 0; number < agents; number += 1) {
  const attempt = await Attempt.start(store, `t${number}`, { leaseMs: 3_600_000 });
  await attempt.tell(attempt.stepStarted(1));
  const directory = join(root, '.codewalk', 'state', 'logs', `t${number}`);
  mkdirSync(directory, { recursive: true });
  working.push({ attempt, log: join(directory, '1-1.log'), lines: [] });
}

function lineOf(number: number): string {
  const words = 'compiled checked wrote tested src/cart/total.ts assert expected 世界 ✓ '.repeat(
    1 + (number % 3),
  );
  // When it was printed, so that who sees it knows how old it is.
  return `\u001b[3${number % 8}m${Date.now()}\u001b[0m ${words}`;
}

const startedAt = performance.now();
let printed = 0;
function print(): void {
  const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
  const texts = working.map(() => '');
  for (; printed < due; printed += 1) {
    const index = printed % agents;
    const line = lineOf(printed);
    texts[index] += `${line}\n`;
    const lines = working[index]?.lines;
    if (lines !== undefined && lines.length < EVENT_LINES) lines.push(line);
  }
  working.forEach(({ log }, index) => {
    if (texts[index] !== '') appendFileSync(log, texts[index] ?? '');
  });
}

async function tell(): Promise<void> {
  for (const agent of working) {
    if (agent.lines.length === 0) continue;
    const lines = agent.lines.splice(0);
    await agent.attempt.tell({ type: 'agent.output', ...agent.attempt.about, step: 1, lines, dropped: 0 });
  }
}

process.send?.('ready');
setInterval(print, EVERY_MS);
let telling = Promise.resolve();
setInterval(() => {
  telling = telling.then(tell);
}, EVENT_MS);
