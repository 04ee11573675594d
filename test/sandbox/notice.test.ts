import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/core/config/resolve.ts';
import type { Config, ConfigFile } from '../../src/core/config/schema.ts';
import { sandboxNotice } from '../../src/main/sandboxes.ts';

const MISSING = { kind: 'missing', reason: 'bwrap is not there', advice: 'Install it.' } as const;

function configOf(value: ConfigFile): Config {
  const resolved = resolveConfig([{ scope: 'project', value } as never]);
  if (!('config' in resolved)) throw new Error('The config is wrong');
  return resolved.config as Config;
}

const noticeFor = (value: ConfigFile) => sandboxNotice(configOf(value), async () => MISSING);

test('where there is no sandbox, a run says so once, unless nobody wants one', async () => {
  assert.equal(
    await noticeFor({}),
    'Agents run as your user, without a sandbox: bwrap is not there. Install it.',
  );
  assert.equal(await noticeFor({ sandbox: { mode: 'off' } }), undefined);
});

test('a sandbox that is asked for and cannot be had is an error with what to do', async () => {
  for (const asked of [
    { sandbox: { mode: 'workspace' } },
    { agents: { coder: { sandbox: 'strict' } } },
  ] as const) {
    await assert.rejects(noticeFor(asked), {
      code: 'SANDBOX_UNAVAILABLE',
      advice: 'Install it. Or set sandbox.mode to "off".',
    });
  }
});
