import assert from 'node:assert/strict';
import { test } from 'node:test';
import { howEnded, joined, type TurnEntry, type TurnPart } from './turn.ts';

const text = (at: number, said: string): TurnEntry => ({ at, type: 'text', text: said });
const tool: TurnEntry = { at: 3, type: 'tool', name: 'shell', detail: 'ls', status: 'started' };

test('parts of one turn become one write, and texts in a row one entry', () => {
  const first: TurnPart = {
    step: 1,
    first: 0,
    entries: [text(1, 'one')],
    began: { at: 0, prompt: 'Do it' },
  };
  const ended = { at: 9, how: 'finished', answer: 'made', leftOut: 0 } as const;
  const last: TurnPart = { step: 1, first: 4, entries: [text(2, 'two'), tool, text(4, 'three')], ended };
  assert.deepEqual(joined(first, last), {
    step: 1,
    first: 0,
    entries: [text(1, 'one\ntwo'), tool, text(4, 'three')],
    began: { at: 0, prompt: 'Do it' },
    ended,
  });
});

test('S2-35 the end of a turn tells an agent that waits from one that finished, failed, was limited, stopped or crashed', () => {
  const question = { id: 'q', question: 'Which?' };
  const ends = [
    howEnded({ kind: 'success', text: '' }),
    howEnded({ kind: 'success', text: '', result: { status: 'questions', questions: [question] } }),
    howEnded({ kind: 'transient', reason: '' }),
    howEnded({ kind: 'rate_limited', reason: '' }),
    howEnded({ kind: 'stalled', reason: '', limit: 'silenceMs' }),
    howEnded({ kind: 'killed', reason: '', byUs: true }),
    howEnded({ kind: 'killed', reason: '', byUs: false }),
  ];
  assert.deepEqual(ends, ['finished', 'waiting', 'failed', 'limited', 'stopped', 'stopped', 'crashed']);
});
