import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RECORDED } from './recorded.ts';
import type { CliName } from './replay.ts';
import { brief, kinds, recording, replay, TRANSCRIPTS, understand } from './replay.ts';

// Codex names the end of a limit in local time.
process.env.TZ = 'UTC';

const CLIS = Object.keys(RECORDED) as CliName[];

for (const cli of CLIS) {
  test(`S3-72 every recorded run of ${cli} is understood`, async (t) => {
    for (const [name, exit, outcome, events, session] of RECORDED[cli]) {
      await t.test(`${name} is ${outcome}`, async () => {
        const turn = await replay(cli, recording(cli, name, exit));
        assert.deepEqual(
          { outcome: brief(turn), events: kinds(turn) },
          { outcome, events },
          JSON.stringify(turn.outcome),
        );
        if (session !== undefined) assert.equal(turn.session, session);
        else if (turn.session !== undefined) assert.match(turn.session, /^cw-[0-9a-f-]{36}$/);
      });
    }
  });

  test(`no recording of ${cli} is left out`, () => {
    const files = readdirSync(join(TRANSCRIPTS, cli)).map((file) =>
      file.replace(/(\.stderr\.txt|\.jsonl|\.txt)$/, ''),
    );
    const names: readonly string[] = RECORDED[cli].map(([name]) => name);
    assert.deepEqual([...new Set(files)].sort(), [...names].sort());
  });
}

test('the answer of a run is what was said last, and a structured one is the result', async () => {
  const edit = await replay('claude', recording('claude', 'edit', 0));
  assert.deepEqual(edit.outcome, { kind: 'success', text: 'All done.' });
  assert.deepEqual(
    edit.events.filter((event) => event.type === 'tool').map((event) => `${event.name} ${event.status}`),
    ['Read', 'Edit', 'Write', 'Bash'].flatMap((name) => [`${name} started`, `${name} completed`]),
  );
  const codex = await replay('codex', recording('codex', 'edit-bypass', 0));
  assert.deepEqual(codex.outcome, { kind: 'success', text: 'All done.' });
  const goose = await replay('goose', recording('goose', 'edit', 0));
  assert.deepEqual(goose.outcome, { kind: 'success', text: 'All done.' });
});

test('figures that count the whole session are told per turn', async () => {
  const totals = { inputTokens: 500, outputTokens: 100, cachedTokens: 0, costUsd: 0.003 };
  const cases = [
    { cli: 'claude', used: 200, produced: 40, cost: 0.0012, total: 700 },
    { cli: 'codex', used: 100, produced: 20, cost: 0, total: 600 },
    { cli: 'goose', used: 200, produced: 40, cost: 0, total: 700 },
  ] as const;
  for (const { cli, used, produced, cost, total } of cases) {
    const resumed = await replay(cli, recording(cli, 'resume', 0), { sessionId: 'known', totals });
    const event = resumed.events.find((each) => each.type === 'usage');
    assert.ok(event !== undefined);
    assert.equal(event.usage.inputTokens, used, cli);
    assert.equal(event.usage.outputTokens, produced, cli);
    assert.ok(Math.abs(event.usage.costUsd - cost) < 1e-9, `${cli} ${event.usage.costUsd}`);
    assert.equal(event.totals.inputTokens, total, cli);
  }
});

test('a resumed run of Goose whose model failed is no success, although its total is there', async () => {
  const session = {
    sessionId: 'edit-1',
    totals: { inputTokens: 200, outputTokens: 40, cachedTokens: 0, costUsd: 0 },
  };
  const turn = await replay('goose', recording('goose', 'resume-then-401', 0), session);
  assert.equal(turn.outcome.kind, 'auth');
  const used = turn.events.find((event) => event.type === 'usage');
  assert.equal(used?.usage.inputTokens, 0);
});

test('S3-12 output that is not the CLI’s gives an outcome that names the command and what it printed', async () => {
  for (const cli of CLIS) {
    for (const [stdout, stderr, code, says] of [
      ['', '', 0, `${cli} ended with exit code 0 and printed nothing that says why`],
      ['what is this?\n', '', 0, `${cli} ended with exit code 0: what is this?`],
      [
        '{"type":"unheard of"}\n[1]\n{"type":',
        'Segmentation fault\n',
        3,
        `${cli} ended with exit code 3: Segmentation fault`,
      ],
    ] as const) {
      const turn = await replay(cli, { stdout: Buffer.from(stdout), stderr, exit: { kind: 'exited', code } });
      assert.ok(turn.outcome.kind !== 'success');
      assert.equal(turn.outcome.reason, says);
      assert.deepEqual(
        turn.events.map((event) => event.type),
        ['process', 'outcome'],
      );
    }
  }
});

test('1,000 damaged recordings are read without an error', async () => {
  let seed = 1;
  const random = (below: number) => {
    // A small generator of our own, so that a failure can be repeated.
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 1_000; round++) {
    const cli = CLIS[round % CLIS.length] as CliName;
    const rows = RECORDED[cli];
    const [name, exit] = rows[random(rows.length)] as (typeof rows)[number];
    const recorded = recording(cli, name, exit);
    const bytes = Buffer.from(recorded.stdout.subarray(0, 40_000));
    for (let times = random(20); times > 0 && bytes.length > 0; times--) {
      bytes[random(bytes.length)] = [0x00, 0x0a, 0x0d, 0x22, 0x7b, 0x7d, 0xc3, 0xed, 0xff, random(256)][
        random(10)
      ] as number;
    }
    const lines = bytes.subarray(0, random(bytes.length + 1));
    // Below the conversation, which would turn what is thrown into an outcome.
    const events = understand(cli, { ...recorded, stdout: lines });
    assert.equal(
      events.filter((event) => event.type === 'outcome').length,
      1,
      `round ${round}, ${cli} ${name}`,
    );
  }
});
