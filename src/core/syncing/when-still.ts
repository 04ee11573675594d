import type { Clock } from '../ports.ts';
import { CHECK_MS } from './following.ts';
import { type Look, type LookOptions, type LookParts, lookAtRoadmap } from './look.ts';
import type { RoadmapSource } from './ports.ts';
import { readSeen } from './seen.ts';

/** Somebody who writes for longer than this is not waited for. */
const TRIES = 50;

/** Looks as soon as the file has not changed for a moment, and again while the look finds it changing. */
export async function whenStill(
  { source, clock, signal }: { source: RoadmapSource; clock: Clock; signal?: AbortSignal },
  look: () => Promise<Look | undefined>,
): Promise<Look | undefined> {
  let last: Look | undefined;
  for (let tries = 0; tries < TRIES && signal?.aborted !== true; tries += 1) {
    const stamp = await source.stamp();
    if (stamp !== undefined) await clock.sleep(CHECK_MS, signal);
    if (stamp !== (await source.stamp())) continue;
    last = await look();
    if (last?.kind !== 'moving') return last;
  }
  return last;
}

/**
 * Brings the plan up to the file once, for a command: at once when the file is the one that the plan was made from
 * here, else as soon as nobody writes it.
 */
export async function freshen(
  parts: LookParts & { readonly clock: Clock; readonly signal?: AbortSignal },
  options: LookOptions,
): Promise<Look> {
  const stamp = await parts.source.stamp();
  if (stamp !== undefined && stamp === (await readSeen(parts))) return { kind: 'same', stamp };
  const look = await whenStill(parts, () => lookAtRoadmap(parts, options));
  return look ?? { kind: 'moving', stamp };
}
