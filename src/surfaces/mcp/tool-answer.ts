import type { CallToolResult } from '@modelcontextprotocol/server';
import { CodewalkError, messageOf } from '../../core/errors.ts';

/**
 * What a tool gives back: a text, and the same as a value. Which of them a model sees is its client's choice (Claude
 * Code 2.1.329 shows the value alone), so whatever matters stands in both.
 */
export interface Answer {
  readonly text: string;
  readonly value: Record<string, unknown>;
}

/** Runs a tool. What it throws is told to the model with what it can do about it: an answer like any other. */
export async function answering(run: () => Promise<Answer>): Promise<CallToolResult> {
  try {
    const { text, value } = await run();
    return { content: [{ type: 'text', text }], structuredContent: value };
  } catch (error) {
    const advice = error instanceof CodewalkError && error.advice !== undefined ? `\n${error.advice}` : '';
    return { content: [{ type: 'text', text: `${messageOf(error)}${advice}` }], isError: true };
  }
}
