import type { Look } from '../theme.ts';

/** A piece of code on one line, and how it looks; without a look it is plain. */
export interface Token {
  readonly text: string;
  readonly look?: Look;
}

/** What a piece of code is by highlight.js, as a look; `title.function` is looked up by its first word too. */
const LOOKS: Readonly<Record<string, Look>> = {
  keyword: 'keyword',
  operator: 'keyword',
  meta: 'keyword',
  name: 'keyword',
  'selector-tag': 'keyword',
  section: 'keyword',
  string: 'string',
  regexp: 'string',
  link: 'string',
  bullet: 'number',
  quote: 'comment',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  comment: 'comment',
  doctag: 'comment',
  title: 'function',
  'title.function': 'function',
  'title.class': 'type',
  type: 'type',
  built_in: 'type',
  class: 'type',
  'selector-class': 'type',
  'selector-id': 'type',
  attr: 'variable',
  attribute: 'variable',
  property: 'variable',
  variable: 'variable',
  'template-variable': 'variable',
};

/**
 * Code as highlight.js marks it up, by lines. Its answer is HTML of nothing but spans with classes and five entities
 * (highlightjs.readthedocs.io, "highlight").
 */
export function tokensOf(html: string): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  const open: (Look | undefined)[] = [];
  for (const [piece] of html.matchAll(/<span class="[^"]*">|<\/span>|[^<]+/g)) {
    if (piece === '</span>') open.pop();
    else if (piece.startsWith('<')) open.push(lookOf(piece) ?? open.at(-1));
    else {
      const look = open.at(-1);
      for (const [at, text] of unescaped(piece).split('\n').entries()) {
        if (at > 0) lines.push([]);
        if (text !== '') lines.at(-1)?.push(look === undefined ? { text } : { text, look });
      }
    }
  }
  return lines;
}

function lookOf(span: string): Look | undefined {
  const [first = '', second] = (/class="([^"]*)"/.exec(span)?.[1] ?? '').split(' ');
  const name = first.replace(/^hljs-/, '');
  const whole = second === undefined ? name : `${name}.${second.replace(/_$/, '')}`;
  return LOOKS[whole] ?? LOOKS[name];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}
