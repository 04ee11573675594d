import type { Span } from '../draw.ts';
import type { TaskSign, Theme } from '../theme.ts';

const SIGNS: readonly (readonly [TaskSign, string])[] = [
  ['working', 'an agent is at it'],
  ['merging', 'its work is being merged'],
  ['waiting', 'it waits for an answer or an approval'],
  ['limited', 'its provider takes no work until a time'],
  ['paused', 'a person lets it rest, or it was begun and something keeps it from going on'],
  ['ready', 'it can start'],
  ['pending', 'it waits for other tasks'],
  ['blocked', 'what it waits for has failed'],
  ['failed', 'it failed; r tries again'],
  ['done', 'it is done and merged'],
  ['cancelled', 'it was taken out'],
];

const HEADER: readonly (readonly [string, string])[] = [
  ['90/108 done', 'tasks that are finished or skipped, of all'],
  ['$1.20 of $5.00', 'cost of all that was ever done here, and the budget that has least left'],
  ['28m 38s', 'since when the oldest orchestrator is at work'],
  ['* in the graph', 'the longest chain: nothing is finished sooner than it'],
];

const COLUMNS = 22;

/** What the signs mean, and the numbers of the first line. */
export function legendLines(theme: Theme): readonly (readonly Span[])[] {
  return [
    [[' Signs', 'title']],
    ...SIGNS.map(([sign, what]): readonly Span[] => [
      [`   ${theme.sign(sign)}`.padEnd(COLUMNS), sign],
      [` ${what}`],
    ]),
    [[' Numbers', 'title']],
    ...HEADER.map(([shown, what]): readonly Span[] => [[`   ${shown}`.padEnd(COLUMNS), 'key'], [` ${what}`]]),
  ];
}
