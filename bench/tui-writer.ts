import { appendFileSync } from 'node:fs';

// Prints as busy agents do: so many lines a second in all, in turns, into the log files given, until it is ended.
const [rate = '0', ...files] = process.argv.slice(2);
const perSecond = Number(rate);
const EVERY_MS = 20;
const startedAt = performance.now();
let printed = 0;

function lineOf(number: number): string {
  const words = 'compiled checked wrote tested src/cart/total.ts assert expected 世界 ✓ '.repeat(
    1 + (number % 3),
  );
  return `\u001b[3${number % 8}m${number}\u001b[0m ${words}`;
}

setInterval(() => {
  const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
  const texts = files.map(() => '');
  for (; printed < due; printed += 1) texts[printed % files.length] += `${lineOf(printed)}\n`;
  files.forEach((file, index) => {
    if (texts[index] !== '') appendFileSync(file, texts[index] ?? '');
  });
}, EVERY_MS);
