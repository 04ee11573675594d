import * as z from 'zod';

/** One thing that is asked for, out of a file of them. */
export interface Issue {
  readonly title: string;
  /** What is said about it; may be empty. */
  readonly body: string;
}

const MOST_ISSUES = 200;
const TITLE_CHARS = 200;

/** As issue trackers print them: `gh issue list --json number,title,body`. */
const tracked = z.array(
  z.object({
    number: z.int().optional(),
    title: z.string().min(1),
    body: z.string().nullish(),
  }),
);

/**
 * The issues in a text: a JSON list of them; else the boxes of a Markdown list that are not ticked; else the sections
 * below the headings of the deepest level that has more than one; else the items of its list; else the text is one.
 */
export function issuesIn(text: string): readonly Issue[] {
  const plain = text.replace(/\r\n?/g, '\n').trim();
  if (plain === '') return [];
  const found = fromJson(plain) ?? fromBoxes(plain) ?? fromHeadings(plain) ?? fromItems(plain);
  return (found ?? [whole(plain)]).slice(0, MOST_ISSUES);
}

function fromJson(text: string): readonly Issue[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const parsed = tracked.safeParse(JSON.parse(text));
    if (!parsed.success || parsed.data.length === 0) return undefined;
    return parsed.data.map(({ number, title, body }) => ({
      title: titled(number === undefined ? title : `#${number} ${title}`),
      body: body?.trim() ?? '',
    }));
  } catch {
    return undefined;
  }
}

function fromBoxes(text: string): readonly Issue[] | undefined {
  if (!/^\s*[-*+]\s+\[[ xX]\]\s/m.test(text)) return undefined;
  return items(text, /^(\s*)[-*+]\s+\[([ xX])\]\s+(.*)$/, (match) => match[2] === ' ');
}

function fromItems(text: string): readonly Issue[] | undefined {
  const found = items(text, /^(\s*)(?:[-*+]|\d{1,3}[.)])()\s+(.*)$/, () => true);
  return found.length > 1 ? found : undefined;
}

/** Items of a list with the indented lines below them. */
function items(text: string, item: RegExp, isMeant: (match: RegExpExecArray) => boolean): readonly Issue[] {
  const found: { title: string; lines: string[]; meant: boolean; indent: number }[] = [];
  for (const line of outsideFences(text)) {
    const match = item.exec(line.text);
    const last = found.at(-1);
    const indent = match?.[1]?.length ?? 0;
    if (match !== null && !line.fenced && (last === undefined || indent <= last.indent)) {
      found.push({ title: match[3] ?? '', lines: [], meant: isMeant(match), indent });
    } else if (last !== undefined && /^\s|^$/.test(line.text)) last.lines.push(line.text);
  }
  return found
    .filter(({ meant }) => meant)
    .map(({ title, lines }) => ({ title: titled(title), body: dedented(lines) }));
}

function fromHeadings(text: string): readonly Issue[] | undefined {
  const lines = outsideFences(text);
  const levels = lines.flatMap(({ text: line, fenced }) =>
    fenced ? [] : (/^(#{1,6})\s/.exec(line)?.[1]?.length ?? []),
  );
  const level = [1, 2, 3, 4, 5, 6].find((each) => levels.filter((other) => other === each).length > 1);
  if (level === undefined) return undefined;
  const found: { title: string; lines: string[] }[] = [];
  for (const { text: line, fenced } of lines) {
    const match = fenced ? null : /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (match !== null && match[1]?.length === level) found.push({ title: match[2] ?? '', lines: [] });
    // A heading above them all begins something else.
    else if (match !== null && (match[1]?.length ?? 0) < level) found.push({ title: '', lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found
    .filter(({ title }) => title !== '')
    .map(({ title, lines: body }) => ({ title: titled(title), body: dedented(body) }));
}

function outsideFences(text: string): { text: string; fenced: boolean }[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    const fenced = fence !== undefined || mark !== undefined;
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
    }
    return { text: line, fenced };
  });
}

function whole(text: string): Issue {
  const [first = '', ...rest] = text.split('\n');
  return { title: titled(first.replace(/^#+\s+/, '')), body: rest.join('\n').trim() };
}

function titled(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > TITLE_CHARS ? `${line.slice(0, TITLE_CHARS - 1)}…` : line;
}

function dedented(lines: readonly string[]): string {
  const used = lines.filter((line) => line.trim() !== '');
  const indent = Math.min(...used.map((line) => line.length - line.trimStart().length));
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .trim();
}
