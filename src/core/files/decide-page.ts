/** One page: what we wrote last, what lies there, and what should; `undefined`: nothing. */
export interface PageState {
  readonly base: string | undefined;
  readonly file: string | undefined;
  readonly wanted: string | undefined;
}

export type PageStep =
  | { readonly kind: 'nothing' }
  /** It says what it should; only our record of it is behind. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'write'; readonly over: string | undefined; readonly text: string }
  | { readonly kind: 'remove'; readonly over: string }
  /** It is gone, as it should be. */
  | { readonly kind: 'forget' }
  /** A person edited it. */
  | { readonly kind: 'edited'; readonly text: string }
  /** A person made it. */
  | { readonly kind: 'created'; readonly text: string }
  /** A person deleted it. */
  | { readonly kind: 'deleted' };

/**
 * The three-way compare of one page. What differs from what we wrote last is a person's, and comes before anything
 * that we would write there.
 */
export function decidePage({ base, file, wanted }: PageState): PageStep {
  if (file === undefined) {
    if (wanted === undefined) return base === undefined ? { kind: 'nothing' } : { kind: 'forget' };
    return base === undefined ? { kind: 'write', over: undefined, text: wanted } : { kind: 'deleted' };
  }
  if (file === wanted) return file === base ? { kind: 'nothing' } : { kind: 'adopt' };
  if (file === base) {
    return wanted === undefined
      ? { kind: 'remove', over: file }
      : { kind: 'write', over: file, text: wanted };
  }
  return wanted === undefined && base === undefined
    ? { kind: 'created', text: file }
    : { kind: 'edited', text: file };
}
