import type { CommitMessage } from '../../core/workspaces/ports.ts';

/** The text of a commit message: subject, body and trailers, with empty lines between (git-interpret-trailers(1)). */
export function messageText({ subject, body, trailers }: CommitMessage): string {
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${oneLine(value)}`);
  const parts = [oneLine(subject) || 'Work', (body ?? '').trim(), lines.join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** `message` with those of `trailers` that it lacks. */
export function withTrailers(message: string, trailers: Readonly<Record<string, string>>): string {
  const text = message.trimEnd();
  const paragraphs = text.split(/\n{2,}/);
  const block = paragraphs.length > 1 ? (paragraphs.at(-1) ?? '').split('\n') : [];
  const hasBlock = block.length > 0 && block.every((line) => /^[A-Za-z0-9-]+: /.test(line));
  const present = new Set(
    hasBlock ? block.map((line) => line.slice(0, line.indexOf(':')).toLowerCase()) : [],
  );
  const missing = Object.entries(trailers)
    .filter(([key]) => !present.has(key.toLowerCase()))
    .map(([key, value]) => `${key}: ${oneLine(value)}`);
  if (missing.length === 0) return message;
  return `${text}${hasBlock ? '\n' : '\n\n'}${missing.join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
