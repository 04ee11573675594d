import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { editBytes } from '../../src/adapters/yaml/roadmap-editor.ts';
import type { Actor } from '../../src/core/api/actor.ts';
import type { EditCheck, ProjectParts, RoadmapChange } from '../../src/core/api/parts.ts';
import { roadmapOperations } from '../../src/core/api/roadmap-operations.ts';
import { resolveConfig } from '../../src/core/config/resolve.ts';
import type { Config } from '../../src/core/config/schema.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { approvalsOf } from '../../src/core/review/approvals-of.ts';
import type { RoadmapEdit } from '../../src/core/roadmap/edits.ts';
import { TASK_STATES } from '../../src/core/tasks/states.ts';
import { Attempt } from '../contracts/store-kit.ts';

const ROADMAP = `tasks:
  - { id: key, title: Key, approve: true }
  - { id: door, title: Door, workflow: careful }
  - { id: wall, title: Wall }
`;
const GATED = ['key', 'door'];

const CONFIG = configWith('careful');

function configWith(name: string): Config {
  const resolved = resolveConfig([]);
  assert.ok(resolved.kind === 'valid');
  const step = { maxRounds: 3, verify: false };
  const steps = [
    { agent: 'coder', approve: true, ...step },
    { agent: 'reviewer', onReject: 'coder', ...step },
  ];
  return { ...resolved.config, workflows: { ...resolved.config.workflows, [name]: { steps } } };
}

type Operations = ReturnType<typeof roadmapOperations>;

/** A project with a real store whose roadmap file is edited as it is on disk; its three tasks were begun. */
async function projectWith(t: TestContext) {
  const store = await openStore({ url: 'sqlite::memory:', project: 'p', version: '0' });
  t.after(() => store.close());
  const state = { text: ROADMAP, earlier: [] as string[], syncs: 0, keepsUp: true };
  const read = () => {
    const found = readRoadmap('roadmap.yaml', Buffer.from(state.text));
    return found.kind === 'valid' ? found.plan : { tasks: [], gates: [] };
  };
  const sync = async (): Promise<undefined> => {
    state.syncs += 1;
    const source = { path: 'roadmap.yaml', hash: `${state.syncs}` };
    await store.sync(read(), source, { confirmed: true });
  };
  const write = async (text: string, isDry: boolean): Promise<RoadmapChange> => {
    if (!isDry && text !== state.text) {
      state.earlier.push(state.text);
      state.text = text;
      if (state.keepsUp) await sync();
    }
    return { what: '', diff: text };
  };
  const bytes = () => Buffer.from(state.text);
  const parts = {
    store: async () => store,
    config: async () => CONFIG,
    refresh: async () => (state.keepsUp ? await sync() : new Error('held')),
    roadmap: {
      ids: async () => read().tasks.map(({ definition }) => definition.id),
      edit: async (edit: RoadmapEdit, { dryRun, check }: { dryRun: boolean; check?: EditCheck }) =>
        await write(String(Buffer.from(editBytes('roadmap.yaml', bytes(), edit, check))), dryRun),
      undo: async ({ check }: { check?: EditCheck }) => {
        const text = state.earlier.pop() ?? state.text;
        const found = readRoadmap('roadmap.yaml', Buffer.from(text));
        if (found.kind === 'valid') check?.(read(), found.plan);
        return await write(text, false);
      },
    },
  } as unknown as ProjectParts;
  await sync();
  for (const id of [...GATED, 'wall']) {
    const attempt = await Attempt.start(store, id);
    await attempt.tell({ type: 'task.released', ...attempt.about, reason: 'stopped' });
  }
  const as = (role: 'operator' | 'approver'): Operations => {
    const actor: Actor = { kind: 'client', name: 'phone', role };
    return roadmapOperations(parts, actor);
  };
  return { store, state, sync, operator: as('operator'), approver: as('approver') };
}

type Rig = Awaited<ReturnType<typeof projectWith>>;

/** Work that a person has to approve and that would be merged, or counts as done, without one. */
async function unguarded({ store }: Rig): Promise<string[]> {
  const tasks = await store.tasks({ states: TASK_STATES });
  return tasks.flatMap(({ id, place, state, definition }) => {
    if (!GATED.includes(place) || state === 'archived') return [];
    const isHeld = approvalsOf(definition, CONFIG)?.beforeMerge !== false;
    return isHeld && state !== 'done' ? [] : [`${id} (${place})`];
  });
}

const refused = { code: 'REFUSED', message: /that is not for client:phone to say$/ };

test('whoever may not approve takes no approval away, in any of the ways that an edit has', async (t) => {
  const rig = await projectWith(t);
  const { operator, approver } = rig;
  for (const fields of [{ approve: null }, { approve: false }, { status: 'done' }]) {
    await assert.rejects(operator.editTask({ task: 'key', fields }), refused);
  }
  const others = [
    { workflow: null },
    { workflow: 'standard' },
    { status: 'done' },
    { agent: 'reviewer', workflow: null },
  ];
  for (const fields of others) await assert.rejects(operator.editTask({ task: 'door', fields }), refused);
  await assert.rejects(operator.editTask({ task: 'wall', fields: { workflow: 'caerful' } }), {
    code: 'UNKNOWN_WORKFLOW',
  });
  await operator.removeTask({ task: 'key' });
  await assert.rejects(operator.addTask({ id: 'key', fields: { title: 'Key' } }), refused);
  await assert.rejects(operator.addTask({ id: 'new', fields: { title: 'Key', was: ['key'] } }), refused);
  await operator.addTask({ id: 'key', fields: { title: 'Key', approve: true } });
  await operator.renameTask({ task: 'key', to: 'lock' });
  await assert.rejects(operator.editTask({ task: 'lock', fields: { approve: null } }), refused);
  await approver.editTask({ task: 'wall', fields: { approve: true } });
  await assert.rejects(operator.undoEdit(), refused);
  assert.deepEqual(await unguarded(rig), []);
});

test('an edit that leaves an approval as it is, or adds one, is anybody’s who may edit', async (t) => {
  const { operator, approver, store } = await projectWith(t);
  await operator.editTask({
    task: 'key',
    fields: { title: 'Another', priority: 'high', workflow: 'careful' },
  });
  await operator.editTask({ task: 'wall', fields: { approve: true } });
  await operator.addTask({ id: 'free', fields: { title: 'Free' } });
  await operator.editTask({ task: 'free', fields: { status: 'done' } });
  await approver.editTask({ task: 'key', fields: { approve: null, workflow: null } });
  const tasks = await store.tasks({ states: TASK_STATES });
  const approve = Object.fromEntries(tasks.map(({ id, definition }) => [id, definition.approve === true]));
  assert.deepEqual(approve, { key: false, door: false, wall: true, free: false });
});

test('a task that the store has not come to know is not taken out with its approval', async (t) => {
  const { operator, state } = await projectWith(t);
  state.keepsUp = false;
  await operator.addTask({ id: 'late', fields: { title: 'Late', approve: true } });
  await assert.rejects(operator.removeTask({ task: 'late' }), { ...refused, message: /would be forgotten/ });
});

const ids = fc.constantFrom('key', 'door', 'wall', 'a', 'b');
const fields = fc.record(
  {
    approve: fc.constantFrom(true, false, null),
    workflow: fc.constantFrom('careful', 'standard', null),
    agent: fc.constantFrom('coder', 'reviewer', null),
    status: fc.constantFrom('done', 'pending', null),
    was: fc.constantFrom(['key'], ['door'], ['a'], null),
  },
  { requiredKeys: [] },
);
const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('edit'), ids, fields),
    fc.tuple(fc.constant('add'), ids, fields),
    fc.tuple(fc.constant('remove'), ids),
    fc.tuple(fc.constant('rename'), ids, ids),
    fc.tuple(fc.constantFrom('undo', 'falls behind', 'catches up')),
  ),
  { minLength: 1, maxLength: 12 },
);
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number];

test('no sequence of edits lets work with an approval be merged without one', async (t) => {
  let taken = 0;
  let denied = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const rig = await projectWith(t);
      for (const step of all) {
        try {
          await carryOut(rig, step);
          taken += 1;
        } catch (error) {
          if (!(error instanceof CodewalkError)) throw error;
          if (error.code === 'REFUSED') denied += 1;
        }
        assert.deepEqual(await unguarded(rig), []);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(taken > 50 && denied > 5, `${taken} edits were taken and ${denied} refused`);
});

async function carryOut({ operator, state, sync }: Rig, [kind, id = 'a', more]: Step): Promise<unknown> {
  switch (kind) {
    case 'edit':
      return await operator.editTask({ task: id, fields: more as never });
    case 'add':
      return await operator.addTask({ id, fields: { title: id, ...(more as object) } });
    case 'remove':
      return await operator.removeTask({ task: id });
    case 'rename':
      return await operator.renameTask({ task: id, to: more as string });
    case 'undo':
      return await operator.undoEdit();
    default:
      state.keepsUp = kind === 'catches up';
      return state.keepsUp ? await sync() : undefined;
  }
}
