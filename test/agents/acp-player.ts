import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineSplitter } from '../../src/adapters/process/line-splitter.ts';
import type { Launcher, LaunchSpec, OutputLine, ProcessExit } from '../../src/core/agents/ports.ts';
import { TRANSCRIPTS } from './replay.ts';

/** A message in either direction, as it was recorded or sent. */
// biome-ignore lint/suspicious/noExplicitAny: each test reads what it expects, and a wrong guess fails the assertion.
export type Message = any;

/** What an agent prints and what it waits for, in order. */
export type Part = { readonly prints: Uint8Array } | { readonly awaits: Message };

/** A recorded dialogue by the name of its file. Messages of the client are only waited for. */
export function dialogue(name: string): readonly Part[] {
  const rows: Message[] = readFileSync(join(TRANSCRIPTS, 'acp', `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return rows.map(({ dir, ...message }) =>
    dir === 'client' ? { awaits: message } : { prints: Buffer.from(`${JSON.stringify(message)}\n`) },
  );
}

/** The same from messages: an object of the client's side is given as `{ awaits }`. */
export function agentSays(...parts: readonly (Message | { awaits: Message })[]): readonly Part[] {
  return parts.map((part) =>
    'awaits' in part ? part : { prints: Buffer.from(`${JSON.stringify(part)}\n`) },
  );
}

export interface Played {
  readonly launcher: Launcher;
  /** What the client sent, in order. */
  readonly sent: Message[];
  readonly started: LaunchSpec[];
}

/**
 * An agent that plays `parts` and then either ends with `exit` or, without it, stays until it is stopped. What it
 * waits for is the next message with the same method, or the next answer; other requests are answered with `{}`.
 * `patience`: how many turns of the event loop it waits before it goes on without; for ever by default.
 */
export function playing(
  parts: readonly Part[],
  {
    exit,
    stderr = '',
    patience = Number.POSITIVE_INFINITY,
  }: { exit?: ProcessExit; stderr?: string; patience?: number } = {},
): Played {
  const sent: Message[] = [];
  const started: LaunchSpec[] = [];
  const start: Launcher['start'] = async (spec) => {
    started.push(spec);
    const gone = new AbortController();
    const signal = AbortSignal.any([spec.signal, gone.signal]);
    let seen = 0;
    /** The ids that the client gave to what was recorded with another. */
    const numbers = new Map<unknown, unknown>();
    /** Answers to requests that were not recorded, until the one that was comes. */
    async function* until(wanted: Message): AsyncGenerator<string> {
      for (let turn = 0; turn < patience && !signal.aborted; turn++) {
        while (seen < sent.length) {
          const message = sent[seen];
          seen += 1;
          if (message.method === wanted.method) {
            if (wanted.id !== undefined) numbers.set(wanted.id, message.id);
            return;
          }
          if (message.method !== undefined && message.id !== undefined) {
            yield `${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} })}\n`;
          }
        }
        await new Promise(setImmediate);
      }
    }
    async function* lines(): AsyncGenerator<OutputLine> {
      const splitter = new LineSplitter(spec.limits.lineBytes);
      const asLines = (bytes: Uint8Array) =>
        splitter.push(bytes).map((line): OutputLine => ({ stream: 'stdout', ...line }));
      for (const part of parts) {
        if ('prints' in part) yield* asLines(renumbered(part.prints, numbers));
        else for await (const answer of until(part.awaits)) yield* asLines(Buffer.from(answer));
        if (signal.aborted) return;
      }
      if (stderr !== '') yield { stream: 'stderr', text: stderr, truncated: false };
      yield* splitter.end().map((line): OutputLine => ({ stream: 'stdout', ...line }));
      if (exit === undefined && !signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
    }
    return {
      identity: { pid: 1, startTime: '1', bootId: 'played' },
      exit: Promise.resolve(exit ?? { kind: 'stopped', by: 'signal' }),
      lines,
      async write(text) {
        for (const line of text.trimEnd().split('\n')) sent.push(JSON.parse(line));
      },
      async [Symbol.asyncDispose]() {
        gone.abort();
      },
    };
  };
  return { launcher: { start }, sent, started };
}

/** An answer with the id of the request that was sent, not of the one that was recorded. */
function renumbered(prints: Uint8Array, numbers: ReadonlyMap<unknown, unknown>): Uint8Array {
  try {
    const message = JSON.parse(prints.toString());
    const id = numbers.get(message.id);
    if (id === undefined || id === message.id || message.method !== undefined) return prints;
    return Buffer.from(`${JSON.stringify({ ...message, id })}\n`);
  } catch {
    return prints;
  }
}
