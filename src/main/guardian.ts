import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { adoptOrphans, killNow } from '../adapters/process/descendants.ts';
import { Ledger } from '../adapters/process/ledger.ts';
import { giveBackFor } from '../adapters/terminal/give-back-for.ts';
import { CRASH_AT } from './guard/crash-at.ts';
import { RESTARTED } from './guard/restarted.ts';
import { restartPauseMs, serverRestartPauseMs } from './guard/restarts.ts';
import { TERMINAL_WORDS } from './guard/terminal-words.ts';

/** What the launcher file lends to the guardian: it knows how to start itself. */
export interface GuardHost {
  /** Starts the orchestrator; signals that this process gets are passed on to it. */
  start(): ChildProcess;
  /** Whether the orchestrator may be started again after a crash. */
  readonly restart: boolean;
  /** It is a server: nobody sits in front of it, so it is never given up. */
  readonly isServer?: boolean;
  /** What the orchestrator says over its channel before it ends on purpose. */
  readonly lastWord: string;
}

/** How the orchestrator ended, for the launcher file to end alike. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A person ends a program by these; a crash is something else. */
const POLITE = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What was sent over the channel before the end is there after this long, ms. */
const LAST_WORD_MS = 1_000;
const EXIT = { failed: 1, interrupted: 130 } as const;

/**
 * Runs the orchestrator as a child and outlives it: when it ends, for whatever reason, everything that it left is
 * killed. After a crash it is started again, as long as crashes are rare. Resolves when there is nothing left to
 * guard.
 */
export async function guard(host: GuardHost): Promise<Ending> {
  // Where families fall apart, they are written down.
  const ledger = adoptOrphans() === undefined ? undefined : new Ledger();
  const stop = new AbortController();
  for (const signal of POLITE) process.on(signal, () => stop.abort());
  const crashes: number[] = [];
  try {
    for (;;) {
      const child = host.start();
      // A crash that was asked for is one: what comes after it is to be seen.
      delete process.env[CRASH_AT];
      const { crashed, hasTerminal, ...ending } = await endOf(child, host.lastWord);
      // Before anything is said: it would stand on a screen that nobody sees.
      if (hasTerminal) giveBackFor();
      if (!killNow(ledger === undefined ? undefined : () => ledger.members())) {
        say('some processes of the agents could not be killed; the next cw run tries again');
      }
      if (!crashed) return ending;
      if (stop.signal.aborted) return { code: EXIT.interrupted, signal: null };
      if (!host.restart) return ending;
      process.env[RESTARTED] = '1';
      crashes.push(performance.now());
      const how = ending.signal ?? `exit code ${ending.code}`;
      const pauseMs = host.isServer === true ? serverRestartPauseMs(crashes) : restartPauseMs(crashes);
      if (pauseMs === undefined) {
        process.stderr.write(
          `error: The orchestrator crashed ${crashes.length} times, last with ${how}\nhelp: What was done is kept, and cw run goes on from there. See .codewalk/state/crash-*.log\n`,
        );
        return { code: EXIT.failed, signal: null };
      }
      say(
        `the ${host.isServer === true ? 'server' : 'orchestrator'} crashed (${how}); what it left is stopped, and it is started again`,
      );
      await pause(pauseMs, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return { code: EXIT.interrupted, signal: null };
    }
  } finally {
    ledger?.end();
  }
}

/** For the orchestrator: keeps its family together, and takes it along when the guardian dies. */
export function followGuardian(): void {
  adoptOrphans();
  process.once('disconnect', () => {
    killNow();
    // As the guardian would: nothing is saved that a crash would not have saved.
    process.kill(process.pid, 'SIGKILL');
  });
}

interface ChildEnding extends Ending {
  readonly crashed: boolean;
  /** It had taken the terminal when it ended. */
  readonly hasTerminal: boolean;
}

async function endOf(child: ChildProcess, lastWord: string): Promise<ChildEnding> {
  let spoken = false;
  let hasTerminal = false;
  child.on('message', (message) => {
    if (message === lastWord) spoken = true;
    if (message === TERMINAL_WORDS.taken) hasTerminal = true;
    if (message === TERMINAL_WORDS.given) hasTerminal = false;
  });
  const silent = once(child, 'disconnect');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (child.connected) await Promise.race([silent, pause(LAST_WORD_MS, undefined, { ref: false })]);
  const polite = signal !== null && POLITE.some((each) => each === signal);
  return { code, signal, crashed: !spoken && !polite, hasTerminal };
}

function say(what: string): void {
  process.stderr.write(`note: ${what}\n`);
}
