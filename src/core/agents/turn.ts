import type { TurnOutcome } from './outcome.ts';
import type { AgentEvent } from './ports.ts';

/** How an agent's turn was over, for people who look after agents. */
export const AGENT_ENDS = ['finished', 'waiting', 'failed', 'limited', 'stopped', 'crashed'] as const;
export type AgentEnd = (typeof AGENT_ENDS)[number];

/** One thing that was said or done in a turn, as it is kept. `at` is epoch ms. */
export type TurnEntry = { readonly at: number } & Exclude<AgentEvent, { type: 'process' }>;

/** A part of a turn that is to be written down; the parts of one turn follow each other. */
export interface TurnPart {
  readonly step: number;
  /** Rises from part to part of a turn, from 0. */
  readonly first: number;
  readonly entries: readonly TurnEntry[];
  /** With the first part alone. */
  readonly began?: { readonly at: number; readonly prompt: string };
  /** With the last part alone. `leftOut` counts the entries that were not kept. */
  readonly ended?: {
    readonly at: number;
    readonly how: AgentEnd;
    readonly answer: string;
    readonly leftOut: number;
  };
}

/** `waiting`: it asks something. `limited`: it may not go on. `crashed`: it ended without a word about its turn. */
export function howEnded(outcome: TurnOutcome): AgentEnd {
  switch (outcome.kind) {
    case 'success':
      return outcome.result?.status === 'questions' ? 'waiting' : 'finished';
    case 'rate_limited':
    case 'budget':
      return 'limited';
    case 'killed':
      return outcome.byUs ? 'stopped' : 'crashed';
    case 'stalled':
      return 'stopped';
    case 'transient':
    case 'auth':
    case 'permanent':
    case 'context_limit':
      return 'failed';
  }
}

/** The later part joined to the earlier one of the same turn, so that both are one write. */
export function joined(earlier: TurnPart, later: TurnPart): TurnPart {
  const { began, first } = earlier;
  return {
    ...later,
    first,
    entries: withJoinedText([...earlier.entries, ...later.entries]),
    ...(began === undefined ? {} : { began }),
  };
}

/** Texts that follow each other as one: CLIs speak in lines and pieces. */
function withJoinedText(entries: readonly TurnEntry[]): readonly TurnEntry[] {
  const kept: TurnEntry[] = [];
  for (const entry of entries) {
    const last = kept.at(-1);
    if (entry.type === 'text' && last?.type === 'text') {
      kept[kept.length - 1] = { ...last, text: `${last.text}\n${entry.text}` };
    } else kept.push(entry);
  }
  return kept;
}
