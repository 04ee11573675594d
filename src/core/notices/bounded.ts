const TEXT_CHARS = 2_000;
const ITEMS = 50;
const DEPTH = 6;

/**
 * A value of an event as it may leave the machine: long texts and lists are cut, and say so. What agents wrote may be
 * long, and whoever wants all of it asks here for the event by its number.
 */
export function bounded(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    if (value.length <= TEXT_CHARS) return value;
    return `${value.slice(0, TEXT_CHARS).toWellFormed()}… (${value.length - TEXT_CHARS} more characters)`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEPTH) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, ITEMS).map((item) => bounded(item, depth + 1));
    return value.length > ITEMS ? [...kept, `… (${value.length - ITEMS} more)`] : kept;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item, depth + 1)]));
}
