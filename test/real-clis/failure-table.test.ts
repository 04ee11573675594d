import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIS, FAILURES, meetFailure } from './failure-table.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const TIMEOUT_MS = 15 * 60_000;
// Codex names the end of a limit in local time.
process.env.TZ = 'UTC';

for (const cli of CLIS) {
  test(`S3-56 the real ${cli} ends its turn by the kind of its model's failure, and unaided where it passes`, {
    timeout: TIMEOUT_MS,
    concurrency: 3,
  }, async (t) => {
    const ended = FAILURES.map((failure) =>
      t.test(failure.about, async ({ signal }) => {
        const { found, expected, reason } = await meetFailure(cli, failure, { pace: 'hurried', signal });
        assert.equal(found, expected, reason);
        if (expected === 'stalled') assert.match(reason, /limits\.silenceMs allows 8 s/);
      }),
    );
    await Promise.all(ended);
  });
}
