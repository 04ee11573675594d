import { Composer, CST, type Document, Lexer, type ParsedNode, Parser, type YAMLParseError } from 'yaml';
import type { RoadmapProblems } from '../../core/roadmap/problem.ts';
import type { Position } from '../../core/source/located.ts';
import { positionsIn } from '../../core/source/position-at.ts';
import { visible } from '../../core/source/problem.ts';

/** Levels of nesting in the file. A roadmap needs about a dozen. */
export const MOST_DEPTH = 64;
/** Keys, values, list items and brackets. 10,000 tasks have about 110,000; so many take less than a second. */
export const MOST_NODES = 200_000;
/** One slip often breaks every line after it; the first few errors are the ones to mend. */
const MOST_ERRORS = 20;

export interface Composed {
  readonly document: Document.Parsed<ParsedNode>;
  readonly position: (offset: number) => Position;
  /** How many of the most allowed it has. */
  readonly size: DocumentSize;
}

interface DocumentSize {
  readonly nodes: number;
  readonly depth: number;
}

/**
 * One YAML document, or `undefined` with its problems. Tokens are checked as they come, before anything is built
 * from them, because the composer recurses into nesting and resolves every alias.
 */
export function composeDocument(text: string, problems: RoadmapProblems): Composed | undefined {
  // yaml's own line counter loses its place when the parser looks at a quoted text twice.
  const position = positionsIn(text);
  const quotes: number[] = [];
  const read = readTokens(text, quotes, (offset, problem) => problems.add(position(offset), ...problem));
  if (read === undefined || problems.size > 0) return undefined;

  // Duplicate keys are found by the roadmap's parser in linear time; the composer compares all pairs.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const [document, second] = composer.compose(read.tokens, true, text.length);
  if (document === undefined) return undefined;
  if (second !== undefined) {
    problems.add(position(second.range[0]), ...MULTIPLE);
    return undefined;
  }
  for (const error of document.errors.slice(0, MOST_ERRORS)) report(error, { position, quotes }, problems);
  return document.errors.length > 0
    ? undefined
    : {
        document: document as Document.Parsed<ParsedNode>,
        position,
        // Without the tokens, which whoever keeps the size would keep too: 7 KB for each task.
        size: { nodes: read.nodes, depth: read.depth },
      };
}

type Problem = [code: Parameters<RoadmapProblems['add']>[1], message: string, advice: string];

const MULTIPLE: Problem = [
  'multiple-documents',
  'The file holds more than one YAML document.',
  'Remove the line "---" in the middle; a roadmap is one document.',
];

const UNCLOSED: Problem = [
  'syntax',
  'This is not YAML: A bracket is opened here and never closed.',
  'Close it, or put the text in quotes when the bracket is part of it.',
];

function readTokens(
  text: string,
  quotes: number[],
  report: (offset: number, problem: Problem) => void,
): ({ tokens: CST.Token[] } & DocumentSize) | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let nodes = 0;
  let depth = 0;
  let found = 0;
  let isText = false;
  /** Offsets of the brackets that are open. */
  let open: number[] = [];
  const unclosed = () => {
    const bracket = open.at(-1);
    if (bracket !== undefined) report(bracket, UNCLOSED);
    open = [];
  };
  for (const lexeme of new Lexer().lex(text)) {
    const offset = parser.offset;
    // What follows a scalar mark is text, whatever it looks like.
    const type = isText ? 'scalar' : CST.tokenType(lexeme);
    isText = lexeme === CST.SCALAR;
    const refused = type === null ? undefined : REFUSED[type];
    if (refused !== undefined && found++ < MOST_ERRORS) report(offset, refused(lexeme));
    if (type === 'double-quoted-scalar' || type === 'single-quoted-scalar') quotes.push(offset);
    if (type === 'flow-map-start' || type === 'flow-seq-start') open.push(offset);
    else if (type === 'flow-map-end' || type === 'flow-seq-end') open.pop();
    else if (type === 'flow-error-end') unclosed();
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (lexeme !== CST.SCALAR && !QUIET.has(type) && ++nodes > MOST_NODES) {
      const advice = 'Split the work over several projects, or remove finished tasks.';
      report(offset, ['too-many-nodes', `The file has more than ${MOST_NODES} values.`, advice]);
      return undefined;
    }
    depth = Math.max(depth, parser.stack.length);
    // Each level of a block holds a collection and the item that is being read.
    if (depth > MOST_DEPTH + 1) {
      const message = `The file nests more than ${MOST_DEPTH} levels deep here.`;
      report(offset, [
        'too-deep',
        message,
        'A roadmap nests initiatives, phases, plans and tasks, no deeper.',
      ]);
      return undefined;
    }
  }
  unclosed();
  for (const token of parser.end()) tokens.push(token);
  return { tokens, nodes, depth };
}

/** Tokens that are not counted as nodes. */
const QUIET: ReadonlySet<CST.TokenType | null> = new Set([
  null,
  'space',
  'newline',
  'comment',
  'map-value-ind',
  'doc-mode',
] as const);

const REFUSED: Partial<Record<CST.TokenType, (source: string) => Problem>> = {
  alias: (source) => [
    'alias',
    `${visible(source.slice(0, 40))} is a YAML alias; a roadmap has none.`,
    'Write the value out. If it is text that begins with *, put it in quotes.',
  ],
  anchor: (source) => [
    'alias',
    `${visible(source.slice(0, 40))} is a YAML anchor; a roadmap has none.`,
    'Remove it. If it is text that begins with &, put it in quotes.',
  ],
  tag: (source) => [
    'tag',
    `${visible(source.slice(0, 40))} is a YAML tag; a roadmap has none.`,
    'Remove it. If it is text that begins with !, put it in quotes.',
  ],
};

function report(
  error: YAMLParseError,
  seen: { readonly position: Composed['position']; readonly quotes: readonly number[] },
  problems: RoadmapProblems,
): void {
  let message = visible(error.message.split('\n')[0] ?? '').replace(/\.?$/, '.');
  let [offset] = error.pos;
  if (/^Missing closing ["']quote/.test(message)) {
    // The parser notices at the end of the text; the slip is where the quote was opened.
    offset = seen.quotes.findLast((quote) => quote < offset) ?? offset;
    message = 'A quote is opened here and never closed.';
  }
  const at = seen.position(offset);
  if (error.code === 'MULTIPLE_DOCS') problems.add(at, ...MULTIPLE);
  else
    problems.add(
      at,
      'syntax',
      `This is not YAML: ${message}`,
      ADVICE[error.code] ?? 'Check quotes and indentation here.',
    );
}

const QUOTE = 'Put the text in quotes: a colon, a quote or a bracket in it means something to YAML.';
const INDENT = 'Indent with spaces; keys of one map begin in the same column.';
const CLOSE = 'Close every quote and bracket that is opened.';

const ADVICE: Partial<Record<YAMLParseError['code'], string>> = {
  TAB_AS_INDENT: 'Replace the tab with spaces; YAML does not indent with tabs.',
  BAD_INDENT: INDENT,
  BLOCK_IN_FLOW: CLOSE,
  MISSING_CHAR: CLOSE,
  BLOCK_AS_IMPLICIT_KEY: QUOTE,
  MULTILINE_IMPLICIT_KEY: QUOTE,
  UNEXPECTED_TOKEN: QUOTE,
  IMPOSSIBLE: QUOTE,
  BAD_SCALAR_START: 'Put the text in quotes: it begins with a character that YAML keeps for itself.',
  BAD_DQ_ESCAPE: 'Write \\\\ for a backslash in double quotes, or use single quotes.',
  KEY_OVER_1024_CHARS:
    'A key is followed by ": " and stands on a line of its own; is a colon or a quote missing?',
  BAD_DIRECTIVE: 'Remove lines that begin with %.',
};
