import { commitPlants, plantInRepository } from '../test/hostile/plants.ts';
import { gitDirectory, makeHostile } from '../test/hostile/rig.ts';
import { runProbes } from '../test/sandbox/probe-rig.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';

const ROUNDS = 10;

export const hostile: Experiment = {
  about:
    'A repository full of hooks, settings and files that run programs, an agent that plants more of them and moves refs, and probes that try to leave the sandbox.',
  async run({ scale, note }) {
    const findings: Finding[] = [];
    for (const mode of ['workspace', 'strict'] as const) {
      const results = await runProbes(mode);
      const wrong = results.filter(({ expected, inside }) => inside !== (expected === 'allowed'));
      for (const { name } of wrong) note(`${mode}: ${name}`);
      findings.push({
        what: `${results.length} probes from inside a ${mode} sandbox`,
        aim: '0 not as expected',
        found: `${wrong.length} not as expected`,
        met: wrong.length === 0,
      });
    }
    const runs = rounds(ROUNDS, scale);
    let [executed, changed, unfinished] = [0, 0, 0];
    for (let round = 0; round < runs; round += 1) {
      await using project = await makeHostile('workspace');
      const { evidence, project: inner } = project;
      commitPlants(inner.repo, evidence);
      plantInRepository(inner.repo, evidence);
      const before = gitDirectory(inner.repo.root);
      const { code } = await inner.cw(['run']);
      executed += evidence.found().length;
      const after = gitDirectory(inner.repo.root);
      const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
      changed += [...paths].filter((path) => before[path] !== after[path]).length;
      if (code !== 0) unfinished += 1;
    }
    const what = `${runs} runs with a hostile agent in a hostile repository`;
    findings.push(
      { what, aim: '0 programs run outside', found: `${executed} run`, met: executed === 0 },
      {
        what,
        aim: "0 files of the user's git directory changed, refs included",
        found: `${changed} changed`,
        met: changed === 0,
      },
      {
        what,
        aim: 'every run ends with its work merged',
        found: `${unfinished} did not`,
        met: unfinished === 0,
      },
    );
    return findings;
  },
};
