import {
  CLIS,
  type Cli,
  FAILURES,
  type Failure,
  type FailureEnd,
  meetFailure,
} from '../test/real-clis/failure-table.ts';
import type { Experiment, Finding } from './experiment.ts';
import { rounds } from './experiment.ts';

/** Most of the time the CLIs wait for the next of their own tries. */
const AT_ONCE = 10;

/** Every way in which a model fails, met by the real CLIs with the settings that they come with. */
export const failures: Experiment = {
  about:
    'A scripted model fails in every way that the CLIs are known to meet, with their own retries and timeouts; silence is ended after 60 s instead of 15 min.',
  async run({ scale, note }) {
    const chosen = FAILURES.slice(0, rounds(FAILURES.length, scale));
    const found = new Map<string, FailureEnd>();
    // Claude Code takes longest, and longest when every stream is cut: what begins first waits beside all the others.
    const queue = CLIS.flatMap((cli) => chosen.map((failure) => ({ cli, failure }))).toSorted(
      (a, b) => Number(b.failure.scenario === 'cut') - Number(a.failure.scenario === 'cut'),
    );
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { cli, failure } = next;
        const end = await meetFailure(cli, failure, { pace: 'shipped' });
        found.set(key(cli, failure), end);
        const asAimed = end.found === end.expected ? '' : ` instead of ${end.expected}`;
        note(
          `${cli} ${failure.scenario}: ${end.found}${asAimed}, ${end.requests} requests, ${end.seconds.toFixed(1)} s: ${end.reason}`,
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return chosen.map((failure) => finding(failure, (cli) => found.get(key(cli, failure))));
  },
};

function key(cli: Cli, { scenario }: Failure): string {
  return `${cli} ${scenario}`;
}

function finding({ about }: Failure, endOf: (cli: Cli) => FailureEnd | undefined): Finding {
  const ends = CLIS.map((cli) => ({ cli, end: endOf(cli) }));
  const told = (pick: (end: FailureEnd) => string) =>
    ends.map(({ cli, end }) => `${cli} ${end === undefined ? 'nothing' : pick(end)}`).join('; ');
  return {
    what: about,
    aim: told(({ expected }) => expected),
    found: told(
      ({ found, requests, seconds }) => `${found} (${requests} requests, ${Math.round(seconds)} s)`,
    ),
    met: ends.every(({ end }) => end !== undefined && end.found === end.expected),
  };
}
