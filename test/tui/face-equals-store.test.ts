import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { EventType } from '../../src/core/events/event.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Burst, burst, compare } from './compare-face.ts';
import { DrivenFace } from './driven-face.ts';
import { type Happening, LivingProject } from './project-acts.ts';
import { StoredProject } from './stored-project.ts';

const RUNS = 10;

/** How often a whole screen was read, so that nobody takes screens that are too small for proof. */
let read = 0;

async function followed(project: StoredProject, api: ProjectApi, bursts: readonly Burst[]): Promise<void> {
  const living = await LivingProject.begin(project);
  await using face = await DrivenFace.open(api, { width: 170, height: 50 });
  for (const { happenings: list, keys, size: next } of bursts) {
    for (const happening of list) await living.live(happening);
    if (next !== undefined) face.type({ kind: 'resize', ...next });
    face.press(...keys);
    if (await compare(project, face)) read += 1;
  }
}

test('S3-48 what is drawn is what the store says, after any sequence of what happens and of keys', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { minLength: 3, maxLength: 8, size: 'max' }), async (bursts) => {
      await using project = await StoredProject.open();
      await followed(project, project.api(), bursts);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.ok(read > RUNS, `${read} screens were read`);
});

test('S3-48 the same on PostgreSQL', async () => {
  await using server = await startPostgres();
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { minLength: 4, maxLength: 6, size: 'max' }), async (bursts) => {
      await using project = await StoredProject.open(await server.freshDatabase());
      await followed(project, project.api(), bursts);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

/** What leads to an event of which nothing else tells. */
const TELLING: readonly (readonly [EventType, readonly Happening[]])[] = [
  ['task.claimed', [{ kind: 'claim' }]],
  ['task.failed', [{ kind: 'claim' }, { kind: 'start', which: 0 }, { kind: 'fail', which: 0 }]],
  ['merge.queued', [{ kind: 'claim' }, { kind: 'start', which: 0 }, { kind: 'merge', which: 0 }]],
  ['question.asked', [{ kind: 'claim' }, { kind: 'start', which: 0 }, other('step'), other('ask')]],
  ['message.sent', [other('say')]],
  ['task.paused', [other('pause')]],
  ['project.paused', [other('pause-project')]],
  [
    'provider.limited',
    [
      ...([{ kind: 'claim' }, { kind: 'start', which: 0 }, other('step')] as const),
      ...([{ kind: 'release', which: 0 }, other('limit')] as const),
    ],
  ],
];

function other(kind: 'step' | 'ask' | 'say' | 'limit' | 'log' | 'pause' | 'pause-project'): Happening {
  return { kind, which: 0, isOther: true };
}

test('S3-48 a face that does not hear of a single event is found out by what it shows', async () => {
  for (const [missed, list] of TELLING) {
    await using project = await StoredProject.open();
    const api = project.api();
    const follow: ProjectApi['follow'] = async function* (after, signal) {
      for await (const batch of api.follow(after, signal)) yield batch.filter(({ type }) => type !== missed);
    };
    const bursts = [{ happenings: [...list, other('log')], keys: [], size: undefined }];
    await assert.rejects(followed(project, { ...api, follow }, bursts), assert.AssertionError, missed);
    await using whole = await StoredProject.open();
    await followed(whole, whole.api(), bursts);
  }
});
