import type { ClientRequest, IncomingMessage } from 'node:http';
import { CodewalkError } from '../../core/errors.ts';
import type { EventBus, Subscription } from '../../core/events/bus.ts';
import type { LoggedEvent } from '../../core/events/event.ts';
import type { EventOf, EventPattern } from '../../core/events/types.ts';
import { HEARTBEAT_MS } from './event-frames.ts';
import { EventReader } from './event-reader.ts';

/** Begins a GET of `path`, which may carry a query, on a server's events; token and place are the caller's matter. */
export type Connect = (query: string) => Promise<ClientRequest>;

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [20, 2_000];
const SILENT_MS = 2 * HEARTBEAT_MS;

/**
 * The events of a project in another process, over HTTP. A cut, whatever caused it, is mended by connecting anew after
 * the last event that came: the subscriber does not notice. Only an answer that will be the same again ends it.
 */
export class RemoteBus implements EventBus {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  async *subscribe<Pattern extends EventPattern>(
    subscription: Subscription<Pattern>,
  ): AsyncGenerator<readonly EventOf<Pattern>[]> {
    const { until, cut } = subscription;
    let { after } = subscription;
    const isCut = () => cut?.aborted === true;
    for (let cuts = 0; !isCut(); ) {
      const isOver = until?.aborted === true;
      try {
        for await (const batch of this.#stream({ ...subscription, after }, isOver)) {
          cuts = 0;
          after = batch.at(-1)?.seq ?? after;
          // The server lets through what was asked for.
          yield batch as unknown as readonly EventOf<Pattern>[];
        }
        if (isOver) return;
      } catch (error) {
        if (isCut()) return;
        if (error instanceof CodewalkError || isOver) throw error;
      }
      await pause(Math.min(FIRST_WAIT_MS * 2 ** cuts, LONGEST_WAIT_MS), [until, cut]);
      cuts += 1;
    }
  }

  /** One connection; ends when it ends, or when a signal aborts. `toEnd`: only what there is now. */
  async *#stream(
    { after, types, task, until, cut }: Subscription,
    toEnd: boolean,
  ): AsyncGenerator<readonly LoggedEvent[]> {
    const query = new URLSearchParams({ after: String(after) });
    if (types?.length === 0) return;
    if (types !== undefined) query.set('types', types.join(','));
    if (task !== undefined) query.set('task', task);
    if (toEnd) query.set('follow', 'no');
    const request = await this.#connect(query.toString());
    const destroy = () => request.destroy();
    const ends = toEnd ? [cut] : [until, cut];
    if (ends.some((end) => end?.aborted)) destroy();
    for (const end of ends) end?.addEventListener('abort', destroy);
    try {
      const response = await answerOf(request);
      response.setEncoding('utf8');
      response.setTimeout(SILENT_MS, destroy);
      if (response.statusCode !== 200) throw await refusal(response);
      const reader = new EventReader();
      for await (const piece of response) yield* reader.push(String(piece));
    } finally {
      for (const end of ends) end?.removeEventListener('abort', destroy);
      request.destroy();
    }
  }
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

/** What the server will say again is an error; what may pass is a cut. */
async function refusal(response: IncomingMessage): Promise<Error> {
  let body = '';
  for await (const piece of response) body += piece;
  const status = response.statusCode ?? 0;
  if (status >= 500) return new Error(`status ${status}`);
  return new CodewalkError('EVENTS_REFUSED', `The server refused to tell of events (${status}): ${body}`, {
    advice: 'See cw status, and whether its token may read here.',
  });
}

function pause(ms: number, ends: readonly (AbortSignal | undefined)[]): Promise<void> {
  if (ends.some((end) => end?.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      for (const end of ends) end?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    for (const end of ends) end?.addEventListener('abort', wake);
  });
}
