import { UsageError } from '../errors.ts';

/** Where a value stands in a config: keys from the outside in; list items by their index. */
export type KeyPath = readonly (string | number)[];

/** `merge.strategy`, `workflows.standard.steps[1].agent`; a key with a dot is quoted: `agents."gpt.5".model`. */
export function formatKeyPath(path: KeyPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += `${text === '' ? '' : '.'}${/^[\w$-]+$/.test(key) ? key : JSON.stringify(key)}`;
  }
  return text;
}

/**
 * Reads what `formatKeyPath` writes, without list indices: a list is set as a whole. Throws `UsageError` with
 * code `BAD_KEY_PATH`.
 */
export function parseKeyPath(text: string): readonly string[] {
  const keys: string[] = [];
  const part = /(?:^(?!\.)|(?<=.)\.)(?:"([^"]*)"|([^."[\]]+))/gy;
  let end = 0;
  for (const match of text.matchAll(part)) {
    keys.push(match[1] ?? match[2] ?? '');
    end = match.index + match[0].length;
  }
  if (keys.length > 0 && end === text.length) return keys;
  throw new UsageError('BAD_KEY_PATH', `${JSON.stringify(text)} is not the name of a setting.`, {
    advice: 'Name it like merge.strategy; put a key with a dot in quotes: agents."gpt.5".model',
  });
}
