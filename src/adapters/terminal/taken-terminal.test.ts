import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Screen } from '../../../test/support/screen.ts';
import type { Clock } from '../../core/ports.ts';
import type { TerminalInput } from '../../core/terminal/ports.ts';
import type { TerminalDevice } from './device.ts';
import { TakenTerminal } from './taken-terminal.ts';

/** A terminal whose other end the test holds: what is typed, how large it is, and when it takes what is written. */
class HeldDevice implements TerminalDevice {
  readonly screen = new Screen(20, 4);
  readonly writes: string[] = [];
  isRaw = false;
  /** While set, writes wait for it. */
  stalled: PromiseWithResolvers<void> | undefined;
  #size = { width: 20, height: 4 };
  #onBytes: ((bytes: Uint8Array) => void) | undefined;
  #onResize: (() => void) | undefined;
  #onGone: (() => void) | undefined;
  #wrote = Promise.withResolvers<void>();

  /** Resolves when such a text was written last. */
  async written(text: RegExp): Promise<void> {
    while (!text.test(this.writes.at(-1) ?? '')) await this.#wrote.promise;
  }

  size = () => this.#size;
  setRaw = (isRaw: boolean): void => {
    this.isRaw = isRaw;
  };

  read(onBytes: (bytes: Uint8Array) => void, onGone: () => void): { stop(): void } {
    this.#onBytes = onBytes;
    this.#onGone = onGone;
    return {
      stop: () => {
        this.#onBytes = undefined;
      },
    };
  }

  onResize(listener: () => void): { stop(): void } {
    this.#onResize = listener;
    return { stop: () => {} };
  }

  async write(text: string): Promise<void> {
    this.writes.push(text);
    this.#wrote.resolve();
    this.#wrote = Promise.withResolvers();
    await this.stalled?.promise;
    await this.screen.write(text);
  }

  writeNow(text: string): void {
    this.writes.push(text);
  }

  type(text: string): void {
    this.#onBytes?.(Buffer.from(text));
  }

  hangUp(): void {
    this.#onGone?.();
  }

  resize(width: number, height: number): void {
    this.#size = { width, height };
    this.screen.resize(width, height);
    this.#onResize?.();
  }
}

/** Sleeps end when the test says so, or are cut short. */
class HeldClock implements Clock {
  readonly #sleeps = new Set<() => void>();
  readonly #asleep = Promise.withResolvers<void>();
  now = (): number => 0;
  steady = (): number => 0;
  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve());
    this.#sleeps.add(resolve);
    this.#asleep.resolve();
    return promise;
  }

  /** Waits until somebody sleeps, and wakes all. */
  async pass(): Promise<void> {
    await this.#asleep.promise;
    for (const wake of this.#sleeps) wake();
    this.#sleeps.clear();
  }
}

async function take(t: TestContext, answers = '\u001b[?1;2c', env: Record<string, string> = {}) {
  const [device, clock] = [new HeldDevice(), new HeldClock()];
  const hooks: { giveBack?: () => void; onContinue?: () => void } = {};
  const opening = TakenTerminal.take({
    device,
    clock,
    env: { TERM: 'xterm-256color', ...env },
    colours: '256',
    job: {
      stop: async () => {
        device.writes.push('stopped');
      },
      watch: ({ onContinue }) => {
        hooks.onContinue = onContinue;
        return { [Symbol.dispose]: () => {} };
      },
    },
    atTheEnd: (giveBack) => {
      hooks.giveBack = giveBack;
      return { [Symbol.dispose]: () => {} };
    },
  });
  // It asks before it waits for the answer.
  await Promise.resolve();
  device.type(answers);
  if (answers === '') await clock.pass();
  const terminal = await opening;
  const stop = new AbortController();
  t.after(() => {
    stop.abort();
    device.screen[Symbol.dispose]();
  });
  const inputs = terminal.inputs(stop.signal)[Symbol.asyncIterator]();
  const next = async (): Promise<TerminalInput | undefined> => (await inputs.next()).value;
  return { device, clock, terminal, hooks, next };
}

test('the answer about the background decides how it looks, and what was typed meanwhile is kept', async (t) => {
  const { terminal, next } = await take(t, 'j\u001b]11;rgb:ffff/ffff/ffff\u0007k\u001b[?1;2c');
  assert.equal(terminal.look.background, 'light');
  assert.deepEqual(
    [await next(), await next()],
    [
      { kind: 'key', key: 'j', text: 'j' },
      { kind: 'key', key: 'k', text: 'k' },
    ],
  );
});

test('a terminal that does not answer is taken all the same, and an answer that comes late is no key', async (t) => {
  const { terminal, device, next } = await take(t, '', { COLORFGBG: '0;15' });
  assert.equal(terminal.look.background, 'light');
  device.type('\u001b]11;rgb:0/0/0\u001b\\\u001b[?1;2cq');
  assert.deepEqual(await next(), { kind: 'key', key: 'q', text: 'q' });
});

test('S3-49 while the terminal takes nothing, frames are dropped and the newest is shown in the end', async (t) => {
  const { terminal, device } = await take(t);
  device.stalled = Promise.withResolvers();
  const before = device.writes.length;
  for (let frame = 0; frame < 1_000; frame += 1) terminal.paint([`frame ${frame}`]);
  assert.equal(device.writes.length, before + 1);
  device.stalled.resolve();
  await device.written(/999/);
  assert.equal(device.writes.length, before + 2);
});

test('of many sizes only the last is told, and everything is painted anew in it', async (t) => {
  const { terminal, device, next } = await take(t);
  terminal.paint(['before', 'x'.repeat(20)]);
  for (let width = 19; width >= 10; width -= 1) device.resize(width, 4);
  assert.deepEqual(await next(), { kind: 'resize', width: 10, height: 4 });
  terminal.paint(['after']);
  await device.written(/\[2J.*after/s);
});

test('S3-03 while it is lent it is as others expect it, and nothing is painted', async (t) => {
  const { terminal, device } = await take(t);
  terminal.paint(['before']);
  await terminal.lend(async () => {
    terminal.paint(['meanwhile']);
    assert.equal(device.isRaw, false);
    assert.equal(device.screen.state()['buffer'], 'normal');
    assert.match(device.writes.at(-1) ?? '', /1049l/);
  });
  assert.equal(device.isRaw, true);
  await device.written(/\[2J.*meanwhile/s);
});

test('Ctrl+Z stops with the terminal given back, and paints the last frame anew', async (t) => {
  const { terminal, device } = await take(t);
  terminal.paint(['shown']);
  await terminal.suspend();
  assert.match(device.writes[device.writes.indexOf('stopped') - 1] ?? '', /1049l/);
  await terminal[Symbol.asyncDispose]();
  const painted = device.writes.slice(device.writes.indexOf('stopped')).join('');
  assert.match(painted, /1049h(.|\n)*shown/);
});

test('continued after a stop that it was not asked about, it takes the terminal again', async (t) => {
  const { terminal, device, hooks } = await take(t);
  terminal.paint(['shown']);
  device.isRaw = false;
  device.writes.length = 0;
  hooks.onContinue?.();
  await terminal.lend(async () => {});
  assert.match(device.writes.join(''), /1049h/);
  assert.equal(device.isRaw, true);
});

test('at the end of the process it is given back once', async (t) => {
  const { terminal, device, hooks } = await take(t);
  hooks.giveBack?.();
  hooks.giveBack?.();
  await terminal[Symbol.asyncDispose]();
  assert.equal(device.writes.join('').match(/1049l/g)?.length, 1);
  assert.equal(device.isRaw, false);
});

test('when the terminal hangs up there is nothing more to read', async (t) => {
  const { device, next } = await take(t);
  device.hangUp();
  assert.equal(await next(), undefined);
});
