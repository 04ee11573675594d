import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentDesk, AgentDoors } from '../../src/core/door/ports.ts';
import { did } from '../support/fake-backend.ts';
import { noDoors } from '../support/plain-worktrees.ts';
import { Rig, type RigOptions, task } from './rig.ts';

/** Doors through which a test's agent reaches the desk of its turn, and which count those that are open. */
class TestDoors implements AgentDoors {
  desk: AgentDesk | undefined;
  stillOpen = 0;

  async open(turn: Parameters<AgentDoors['open']>[0], desk: AgentDesk) {
    this.desk = desk;
    this.stillOpen += 1;
    const door = await noDoors.open(turn, desk);
    return {
      ...door,
      [Symbol.asyncDispose]: async () => {
        this.stillOpen -= 1;
      },
    };
  }
}

async function withDoors(options: Omit<RigOptions, 'doors'>, doors: TestDoors): Promise<Rig> {
  return await Rig.open({ ...options, doors });
}

test('what an agent reports as its result counts in place of what it prints', async () => {
  const doors = new TestDoors();
  const agent = async () => {
    await doors.desk?.result({ status: 'done', summary: 'reported' });
    return { kind: 'success' as const, text: '', result: { status: 'error' as const, reason: 'printed' } };
  };
  await using rig = await withDoors({ tasks: [task('build')], agent }, doors);
  await rig.run();
  assert.deepEqual(await rig.states(), { build: 'done' });
  const [step] = await rig.events('step.finished');
  assert.equal(step?.type === 'step.finished' && step.summary, 'reported');
  assert.equal(doors.stillOpen, 0);
});

test('a turn that failed is not mended by a result that was reported in it', async () => {
  const doors = new TestDoors();
  const agent = async () => {
    await doors.desk?.result({ status: 'done', summary: 'reported' });
    return { kind: 'permanent' as const, reason: 'no such model', cause: 'request' as const };
  };
  await using rig = await withDoors({ tasks: [task('build')], agent }, doors);
  await rig.run();
  assert.deepEqual(await rig.states(), { build: 'failed' });
  assert.equal(doors.stillOpen, 0);
});

test('an agent that waits for an answer is not taken for stuck', async () => {
  const questions = { orchestrator: false, answerMs: 1_000, waitMs: 3_600_000 };
  const silences: number[] = [];
  const agent: RigOptions['agent'] = ({ silenceMs }) => {
    silences.push(silenceMs);
    return did('made');
  };
  await using rig = await Rig.open({ tasks: [task('build')], agent, config: { questions } });
  await rig.run();
  assert.ok((silences[0] ?? 0) > questions.waitMs);
});
