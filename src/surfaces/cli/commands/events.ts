import type { EventsAfter, ProjectApi } from '../../../core/api/ports.ts';
import { UsageError } from '../../../core/errors.ts';
import type { EventType, LoggedEvent } from '../../../core/events/event.ts';
import { EVENT_TYPES, typesOf } from '../../../core/events/types.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { eventJson, eventText } from '../event-text.ts';
import { EXIT } from '../exit-codes.ts';
import { isoTime } from '../format.ts';
import { words } from '../input.ts';

const PAGE = 1_000;

export const events: Action = async (context, { options }) => {
  const filter = {
    ...(options.task === undefined ? {} : { task: parseTaskId(String(options.task)) }),
    ...(options.type === undefined ? {} : { types: parseTypes(words(options.type)) }),
  };
  const api = await context.services.api();
  const print = async (batch: readonly LoggedEvent[]): Promise<void> => {
    context.io.out(batch.map((event) => `${eventLine(event, context)}\n`).join(''));
    await context.io.drained();
  };
  const stop = new AbortController();
  context.io.onOutputClosed(() => stop.abort());
  const signal = AbortSignal.any([context.stopSignal(), stop.signal]);
  const after = Number(options.after ?? 0);
  // Following ends by an interrupt and by nothing else: that is how it is meant to end, so it is no failure.
  if (options.follow === true) {
    // The store's own watch does not keep a process alive: it serves programs that have other work.
    const stayAlive = setInterval(() => {}, 60_000);
    try {
      for await (const batch of api.follow({ after, ...filter }, signal)) await print(batch);
    } finally {
      clearInterval(stayAlive);
    }
  } else {
    for await (const batch of stored(api, { after, ...filter })) {
      if (signal.aborted) break;
      await print(batch);
    }
  }
  return EXIT.ok;
};

async function* stored(
  api: ProjectApi,
  { after: from, ...filter }: EventsAfter,
): AsyncGenerator<readonly LoggedEvent[]> {
  for (let after = from; ; ) {
    const batch = await api.events({ after, ...filter, limit: PAGE });
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    after = last.seq;
  }
}

/** A type that ends in a dot stands for every type that begins so. Throws `UsageError` `UNKNOWN_EVENT`. */
export function parseTypes(texts: readonly string[]): readonly EventType[] {
  return texts
    .flatMap((text) => text.split(','))
    .flatMap((text) => {
      const found = typesOf(text);
      if (found.length > 0) return found;
      const meant = nearest(text, EVENT_TYPES);
      throw new UsageError('UNKNOWN_EVENT', `${quoted(text)} is no type of event`, {
        advice: meant === undefined ? `types are ${EVENT_TYPES.join(', ')}` : `did you mean ${meant}?`,
      });
    });
}

function eventLine(event: LoggedEvent, { json, paint }: CliContext): string {
  if (json) return eventJson(event);
  const { text, look } = eventText(event);
  const head = `${String(event.seq).padStart(5)}  ${isoTime(event.at)}  ${event.type.padEnd(19)}`;
  return `${paint('dim', head)}  ${look === undefined ? text : paint(look, text)}`;
}
