import type { Question, Turn } from './protocol.ts';

/** Where a request stands in its script. */
export interface Position {
  /** The last user message; empty when there is none. */
  readonly prompt: string;
  /** How many tool results came after it. */
  readonly toolResults: number;
}

// Agents say these things in the user's name, also after the prompt; none of them is the user speaking.
const ADDED = [
  /<(system-reminder|environment_context|turn_aborted|info-msg)>[\s\S]*?<\/\1>/g,
  /^Your response above was cut off mid-stream\..*$/gm,
];

/** `text` as the user wrote it: without what agents add. */
function spoken(text: string): string {
  return ADDED.reduce((left, added) => left.replaceAll(added, ''), text).trim();
}

export function position({ turns }: Question): Position {
  const at = turns.findLastIndex((turn) => turn.kind === 'user' && spoken(turn.text) !== '');
  const prompt = turns[at];
  return {
    prompt: prompt?.kind === 'user' ? spoken(prompt.text) : '',
    toolResults: turns.slice(at + 1).filter((turn: Turn) => turn.kind === 'tool-result').length,
  };
}
