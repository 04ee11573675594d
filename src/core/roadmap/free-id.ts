import { ID_PATTERN } from '../id-pattern.ts';
import { slugOf } from './read-id.ts';

/** An id made from the title that nothing has yet: `cart-model`, else `cart-model-2`. `taken`: in lower case. */
export function freeId(text: string, taken: ReadonlySet<string>): string {
  const slug = slugOf(text)
    .slice(0, 40)
    .replace(/[-._]+$/, '');
  const stem = ID_PATTERN.test(slug) ? slug : 'task';
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.has(id.toLowerCase())) return id;
  }
}
