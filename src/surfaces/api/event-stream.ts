import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { EventBus } from '../../core/events/bus.ts';
import { EVENT_TYPES, type EventPattern, typesOf } from '../../core/events/types.ts';
import { taskId } from '../../core/ids.ts';
import { EventFrames, HEARTBEAT_MS } from './event-frames.ts';
import { answerJson } from './http-front.ts';

/** A client gets what happened meanwhile in one piece, this often at most, ms. */
const PACE_MS = 16;
/** More than so many are a large piece already, as for a client that begins far back: the next one follows at once. */
const LARGE_BATCH = 200;
const HEARTBEAT = ':\n\n';
/** Tells the client how soon to come back after a cut, ms. */
const HELLO = 'retry: 250\n\n';

const query = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  task: taskId.optional(),
  types: z
    .string()
    .transform((text) => text.split(','))
    .refine((patterns) => patterns.every((pattern) => typesOf(pattern).length > 0))
    .transform((patterns) => patterns as EventPattern[])
    .optional(),
  /** Which project: read by who serves this. */
  project: z.string().optional(),
  /** `no`: what there is now, and then the end. */
  follow: z.enum(['yes', 'no']).default('yes'),
});

/**
 * Serves the events of a project as server-sent events, from the number of `Last-Event-ID` or `?after=` on, in order
 * and without a gap. A client that reads slowly is asked to catch up from the log: nothing piles up for it here.
 */
export class EventStreams implements Disposable {
  readonly #frames = new EventFrames();
  readonly #open = new Set<ServerResponse>();
  #heart: NodeJS.Timeout | undefined;
  #tick: Promise<void> | undefined;

  /** Resolves when the client is gone, or has got everything and wants no more. */
  async serve(bus: EventBus, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = parse(request);
    if (!asked.success) {
      return answerJson(response, 400, {
        error: {
          code: 'BAD_QUERY',
          message: `Cannot read the address: ${z.prettifyError(asked.error).replaceAll('\n', ' ')}`,
          advice: `It takes after=<number>, task=<id>, types=<${EVENT_TYPES[0]},task.,…> and follow=no.`,
        },
      });
    }
    const { follow, types, task, after } = asked.data;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'keep-alive' });
    response.write(HELLO);
    this.#add(response);
    const filter = JSON.stringify([types, task]);
    const subscription = {
      ...{ after, cut: gone.signal },
      ...(follow === 'no' ? { until: AbortSignal.abort() } : {}),
      ...(types === undefined ? {} : { types }),
      ...(task === undefined ? {} : { task }),
    };
    for await (const events of bus.subscribe(subscription)) {
      if (gone.signal.aborted) return;
      if (!response.write(this.#frames.of(events, filter))) await drained(response, gone.signal);
      if (follow === 'yes' && events.length < LARGE_BATCH) await this.#pause();
    }
    response.end();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heart);
    for (const response of this.#open) response.destroy();
  }

  /** One timer beats for all: a stream on which nothing happens costs nothing else. */
  #add(response: ServerResponse): void {
    this.#open.add(response);
    this.#heart ??= setInterval(() => {
      for (const each of this.#open) if (each.writableLength === 0) each.write(HEARTBEAT);
    }, HEARTBEAT_MS).unref();
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size > 0) return;
      clearInterval(this.#heart);
      this.#heart = undefined;
    });
  }

  /** All clients go on in the same moment, so that they want the same frames. */
  #pause(): Promise<void> {
    this.#tick ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#tick = undefined;
        resolve();
      }, PACE_MS);
    });
    return this.#tick;
  }
}

function parse(request: IncomingMessage) {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  // Which project it is was read before.
  searchParams.delete('project');
  const asked = Object.fromEntries(searchParams);
  const known = request.headers['last-event-id'];
  return query.safeParse(known === undefined ? asked : { ...asked, after: known });
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal }).catch(() => {});
}
