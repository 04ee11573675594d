import type { StepKind } from '../events/event.ts';

/** An earlier step of the task, as a later conversation should know it. */
export interface PastStep {
  readonly attempt: number;
  readonly kind: StepKind;
  readonly agent: string;
  readonly provider: string;
  readonly outcome: string | undefined;
  readonly verdict: 'done' | 'rejected' | 'questions' | 'error' | undefined;
  readonly summary: string | undefined;
}

/** What is known of a conversation that cannot be continued. Texts are the agents' own; nothing of them is run. */
export interface Past {
  /** Oldest first. */
  readonly steps: readonly PastStep[];
  /** What the agent said and did last, oldest first. */
  readonly lastWords: readonly string[];
  /** The work so far, as a unified diff. */
  readonly diff: string;
  /** Feedback that no other part of the prompt carries. */
  readonly feedback?: string | undefined;
}

const MOST_CHARS = 4_000;
const STEP_CHARS = 220;
const WORDS_CHARS = 1_000;
const FEEDBACK_CHARS = 600;
const FILES_CHARS = 700;

/**
 * The memory that a new conversation gets in place of the one before: at most 4,000 characters of Markdown. The newest
 * steps and words are kept where not all of them fit.
 */
export function summaryOf(past: Past): string {
  const rest = [
    section('Last words', quoted(past.lastWords)),
    section('What a review asked for', clip(past.feedback ?? '', FEEDBACK_CHARS)),
    section('Files changed so far', clipLines(changedFiles(past.diff), FILES_CHARS)),
  ].filter((part) => part !== '');
  const taken = [LEAD, STEPS, ...rest].reduce((sum, part) => sum + part.length + 2, 0);
  const steps = newest(past.steps.map(stepLine), MOST_CHARS - taken);
  return [LEAD, `${STEPS}${steps.join('\n')}`, ...rest].join('\n\n');
}

const LEAD =
  'An earlier conversation about this task cannot be continued, so a new one begins. This is the record of it: what was done, not what to do.';
const STEPS = '### Steps\n\n';

/** The last lines that fit into so many characters. */
function newest(lines: readonly string[], room: number): readonly string[] {
  let from = lines.length;
  for (let left = room; from > 0; from -= 1) {
    left -= (lines[from - 1]?.length ?? 0) + 1;
    if (left < 0) break;
  }
  return lines.slice(from);
}

function section(title: string, ...lines: readonly string[]): string {
  const body = lines.filter((line) => line !== '').join('\n');
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

function stepLine({ attempt, kind, agent, provider, outcome, verdict, summary }: PastStep): string {
  const end = verdict === undefined || verdict === 'error' ? (outcome ?? 'interrupted') : verdict;
  const said = clip(oneLine(summary ?? ''), STEP_CHARS);
  const how = end === 'killed' ? 'interrupted' : end.replaceAll('_', ' ');
  return `- attempt ${attempt}, ${kind} by ${agent} (${provider}): ${how}${said === '' ? '' : `: ${said}`}`;
}

/** The end of it, as a quotation: no line of it can pass for a part of the prompt. */
function quoted(words: readonly string[]): string {
  const text = words.join('\n').trim();
  const end = text.length <= WORDS_CHARS ? text : `…${text.slice(-WORDS_CHARS).toWellFormed()}`;
  return end === ''
    ? ''
    : end
        .split('\n')
        .map((line) => `> ${line}`.trimEnd())
        .join('\n');
}

function changedFiles(diff: string): string[] {
  const files: { name: string; added: number; removed: number }[] = [];
  for (const line of diff.split('\n')) {
    const name = /^diff --git a\/.* b\/(.*)$/.exec(line)?.[1];
    if (name !== undefined) files.push({ name, added: 0, removed: 0 });
    const file = files.at(-1);
    if (file === undefined || line.startsWith('+++') || line.startsWith('---')) continue;
    if (line.startsWith('+')) file.added += 1;
    if (line.startsWith('-')) file.removed += 1;
  }
  return files.map(({ name, added, removed }) => `- ${oneLine(name)} (+${added} -${removed})`);
}

function clipLines(lines: readonly string[], length: number): string {
  let kept = 0;
  let chars = 0;
  for (; kept < lines.length; kept += 1) {
    chars += (lines[kept]?.length ?? 0) + 1;
    if (chars > length) break;
  }
  const rest = lines.length - kept;
  return [...lines.slice(0, kept), ...(rest === 0 ? [] : [`- and ${rest} more`])].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
