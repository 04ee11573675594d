import type { KeeperParts } from './parts.ts';
import { patchPage, printPage } from './print-page.ts';
import { readPage } from './read-page.ts';
import { TASK_PAGE_KEYS } from './task-page.ts';
import type { Wanted } from './wanted.ts';

/** Written by us, and not to be taken away when the task has none: the person is asked by it, or asks with it. */
const KEEPS: ReadonlySet<string> = new Set(['remove', 'revision']);

export interface FreshPage {
  readonly text: string;
  /** As the text names it; pages that nobody edits field by field have none. */
  readonly revision: string | undefined;
}

/** Makes the text of a page, out of what a person made of it where they did. */
export class PageWriter {
  readonly #parts: Pick<KeeperParts, 'hash' | 'readYaml'>;
  /** What was patched last, by path: a page that a person has touched is patched at every look else. */
  readonly #patched = new Map<
    string,
    { readonly base: string; readonly plain: string; readonly page: FreshPage }
  >();

  constructor(parts: Pick<KeeperParts, 'hash' | 'readYaml'>) {
    this.#parts = parts;
  }

  /** `base`: what stands there, taken over already. */
  write(path: string, wanted: Wanted, base: string | undefined): FreshPage {
    const plain = printPage(wanted.page);
    if (wanted.kind !== 'task') return { text: plain, revision: undefined };
    const fresh = this.#named(wanted, plain);
    if (base === undefined || base === fresh.text) return fresh;
    const known = this.#patched.get(path);
    if (known?.base === base && known.plain === plain) return known.page;
    const page = this.#patch(path, wanted, base) ?? fresh;
    this.#patched.set(path, { base, plain, page });
    return page;
  }

  #named({ page }: Wanted, plain: string): FreshPage {
    const revision = this.#revision(plain);
    return { text: printPage({ ...page, head: [...page.head, ['revision', revision]] }), revision };
  }

  /** Undefined when what stands there is no page that could be changed. */
  #patch(path: string, { page }: Wanted, base: string): FreshPage | undefined {
    const reading = readPage(path, base, this.#parts.readYaml);
    if (reading.kind === 'invalid') return undefined;
    const options = { known: TASK_PAGE_KEYS, keeps: KEEPS };
    const patched = patchPage(base, reading.page, page, options);
    const named = reading.page.fields.revision;
    if (patched === base) return { text: base, revision: named === undefined ? undefined : String(named) };
    const revision = this.#revision(patched);
    const head = [...page.head, ['revision', revision] as const];
    return { text: patchPage(base, reading.page, { ...page, head }, options), revision };
  }

  #revision(text: string): string {
    // A letter first, so that it is no number to YAML.
    return `r${this.#parts.hash(text).slice(0, 8)}`;
  }
}
