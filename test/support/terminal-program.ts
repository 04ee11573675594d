import { spawnSync } from 'node:child_process';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { openTerminal } from '../../src/adapters/terminal/open-terminal.ts';

// Shows what it reads, one row an input; some keys do what tests want to see.
const terminal = await openTerminal({ process, clock: systemClock, noColour: false });
const seen: string[] = [];
const show = (row: string): void => {
  seen.push(row);
  const { width, height } = terminal.size;
  const head = `${width}x${height} ${terminal.look.colours} ${terminal.look.background}`;
  terminal.paint([head, ...seen.slice(-(height - 1))]);
};
const KEYS: Readonly<Record<string, () => unknown>> = {
  e: () =>
    terminal.lend(async () =>
      spawnSync('sh', ['-c', 'echo lent; read line; echo "got $line"'], { stdio: 'inherit' }),
    ),
  'ctrl+z': () => terminal.suspend(),
  r: () => spawnSync('stty', ['cols', '30', 'rows', '6'], { stdio: 'inherit' }),
  x: () =>
    setImmediate(() => {
      throw new Error('broken on purpose');
    }),
  X: () => process.exit(3),
  k: () => process.kill(process.pid, 'SIGTERM'),
};

show('ready');
const stop = new AbortController();
for await (const input of terminal.inputs(stop.signal)) {
  if (input.kind === 'key' && input.key === 'q') break;
  if (input.kind === 'key') {
    const action = KEYS[input.key];
    if (action !== undefined) await action();
    show(`key ${input.key}`);
  } else if (input.kind === 'mouse') show(`${input.action} ${input.x},${input.y}`);
  else if (input.kind === 'paste') show(`paste ${JSON.stringify(input.text)}`);
  else show(`resize ${input.width}x${input.height}`);
}
await terminal[Symbol.asyncDispose]();
console.log('ended');
