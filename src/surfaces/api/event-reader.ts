import type { LoggedEvent } from '../../core/events/event.ts';

const DATA = 'data: ';

/** Takes a stream of events apart: what `EventFrames` wrote, in pieces of any size. Comments are passed over. */
export class EventReader {
  #rest: string[] = [];

  /** Batches that are whole with this piece. */
  push(piece: string): readonly (readonly LoggedEvent[])[] {
    // Most of a large frame comes without an end: it is put together once.
    if (!piece.includes('\n')) {
      this.#rest.push(piece);
      return [];
    }
    const frames = (this.#rest.join('') + piece).split('\n\n');
    const rest = frames.pop() ?? '';
    this.#rest = rest === '' ? [] : [rest];
    return frames.flatMap((frame) => {
      const data = frame.split('\n').find((line) => line.startsWith(DATA));
      return data === undefined ? [] : [JSON.parse(data.slice(DATA.length)) as readonly LoggedEvent[]];
    });
  }
}
