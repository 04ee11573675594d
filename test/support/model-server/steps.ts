import { z } from 'zod';
import { scenario } from './scenarios.ts';

const common = {
  /** Said before the call of the same step, or alone as the answer that ends the turn. */
  text: z.string().optional(),
  /** What the requests for this step meet before, or instead of, its answer; counted per prompt and step. */
  fail: scenario.optional(),
};

/**
 * One scripted answer of the model, the same for every wire protocol. `write`, `shell` and `result` become the
 * agent's own way to write a file, run a command and report, `mcp` its way to call a tool of an MCP server; `tool` is sent
 * exactly as given.
 */
const step = z.union([
  z.strictObject({ ...common, write: z.strictObject({ path: z.string().min(1), content: z.string() }) }),
  z.strictObject({ ...common, shell: z.string().min(1) }),
  z.strictObject({
    ...common,
    tool: z.strictObject({ name: z.string().min(1), input: z.record(z.string(), z.unknown()) }),
  }),
  z.strictObject({
    ...common,
    mcp: z.strictObject({
      server: z.string().min(1),
      tool: z.string().min(1),
      input: z.record(z.string(), z.unknown()),
    }),
  }),
  z.strictObject({ ...common, result: z.record(z.string(), z.unknown()) }),
  z.strictObject({ ...common, text: z.string() }),
]);
export type Step = z.input<typeof step>;

const steps = z.array(step).min(1);
const OPEN = '@@FAKE[';
const CLOSE = ']@@';

/** A marker that stands in a prompt but holds no valid steps: the test that wrote it is wrong. */
export class BadScriptError extends Error {}

/** The marker that scripts the model's answers, to be put anywhere in a prompt. */
export function script(...answers: readonly Step[]): string {
  return `@@FAKE${JSON.stringify(steps.parse(answers))}@@`;
}

/**
 * The steps of the last marker in `prompt`, or `undefined` without one. A marker inside a JSON string of another
 * belongs to that one: a scripted plan may carry the scripts of its tasks.
 * Throws `BadScriptError` when markers stand there and none of them is JSON, or the last holds an unknown step.
 */
export function scriptIn(prompt: string): Step[] | undefined {
  let last: unknown;
  let opened = false;
  for (let at = prompt.indexOf(OPEN); at >= 0; at = prompt.indexOf(OPEN, at)) {
    opened = true;
    const marker = markerAt(prompt, at);
    if (marker) last = marker.value;
    at = marker?.end ?? at + OPEN.length;
  }
  if (!opened) return undefined;
  if (last === undefined)
    throw new BadScriptError(`The marker ${OPEN}...${CLOSE} in the prompt holds no JSON array`);
  const parsed = steps.safeParse(last);
  if (!parsed.success)
    throw new BadScriptError(`Bad steps ${JSON.stringify(last)}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function markerAt(prompt: string, start: number): { value: unknown; end: number } | undefined {
  const open = start + OPEN.length - 1;
  for (let close = prompt.indexOf(CLOSE, open); close >= 0; close = prompt.indexOf(CLOSE, close + 1)) {
    try {
      return { value: JSON.parse(prompt.slice(open, close + 1)), end: close + CLOSE.length };
    } catch {
      // The characters may also stand inside a JSON string: try the next end.
    }
  }
  return undefined;
}
