/** What the scripted agent reads out of a prompt: which kind of step it is, and the parts that it acts on. */
export type Asked = 'work' | 'fix' | 'conflict' | 'review' | 'test';

/** Tells by the prompt's own heading; what a CLI's system prompt says before it does not count. */
export function whatIsAsked(prompt: string): Asked {
  const heading = prompt.match(/^# (?:Task|Review of task|Test of task) .*$/m)?.[0] ?? '';
  if (heading.startsWith('# Review')) return 'review';
  if (heading.startsWith('# Test')) return 'test';
  if (heading.endsWith('the work does not merge yet')) return 'conflict';
  return /: the work came back \(round \d+\)$/.test(heading) ? 'fix' : 'work';
}

/** The text below the heading that begins with `## <heading>`, up to the next of its kind. */
export function section(prompt: string, heading: string): string | undefined {
  const start = `\n${prompt}`.indexOf(`\n## ${heading}`);
  if (start === -1) return undefined;
  const body = prompt.slice(prompt.indexOf('\n', start) + 1);
  const end = body.search(/^## /m);
  return (end === -1 ? body : body.slice(0, end)).trim();
}

/** The items of the last list in a text. */
export function listed(text: string): readonly string[] {
  return [...text.matchAll(/^- (.+)$/gm)].map((match) => match[1] ?? '');
}

/** What the tasks before this one made, in the order of the prompt. */
export function predecessors(prompt: string): readonly { id: string; title: string; summary: string }[] {
  const text = section(prompt, 'What was done before') ?? '';
  return text.split(/^### /m).flatMap((part) => {
    const match = part.match(/^(\S+): (.*)\n\n([\s\S]+)$/);
    return match === null
      ? []
      : [{ id: match[1] ?? '', title: match[2] ?? '', summary: (match[3] ?? '').trim() }];
  });
}
