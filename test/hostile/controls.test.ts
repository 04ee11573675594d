import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type Control, FILE_CONTROLS, HOOK_CONTROLS, SETTING_CONTROLS } from './controls.ts';
import { controlFiles, HOOKS, plantHook, plantSetting, SETTINGS } from './plants.ts';
import { hasTerminal, makeTemplate, makeYard, type Yard } from './yard.ts';

const template = await makeTemplate();
after(() => template[Symbol.asyncDispose]());

interface Family<Plant extends string> {
  readonly plants: readonly Plant[];
  readonly controls: Readonly<Record<string, Control>>;
  plant(yard: Yard, name: Plant): void;
  /** What the plant leaves when it runs. */
  leaves(name: Plant): string;
  needsTerminal?(name: Plant): boolean;
}

/** Each plant in a repository of its own: what it leaves is its own doing. */
async function control<Plant extends string>(t: TestContext, family: Family<Plant>): Promise<void> {
  const { plants, controls, plant, leaves, needsTerminal } = family;
  assert.deepEqual(Object.keys(controls).sort(), [...plants].sort(), 'a control for each plant and no other');
  for (const name of plants) {
    const each = controls[name] as Control;
    const reason = 'never' in each ? ` never runs: ${each.never}` : '';
    const skip = needsTerminal?.(name) && !hasTerminal ? 'no script(1) of util-linux' : false;
    await t.test(`${name}${reason}`, { skip }, () => {
      using yard = makeYard(template);
      plant(yard, name);
      assert.deepEqual(yard.evidence.found(), [], 'planting runs nothing');
      if ('never' in each) {
        each.tried(yard);
        assert.deepEqual(yard.evidence.found(), []);
        each.instead(yard);
      } else each(yard);
      assert.deepEqual(yard.evidence.found(), [leaves(name)]);
    });
  }
}

test('plain git runs every planted setting, but for those marked as never run', (t) =>
  control(t, {
    plants: SETTINGS,
    controls: SETTING_CONTROLS,
    plant: ({ repo, evidence }, name) => plantSetting(repo, evidence, name),
    leaves: (name) => name,
    needsTerminal: (name) => /pager|interactive/.test(name),
  }));

test('plain git runs every planted hook', (t) =>
  control(t, {
    plants: HOOKS,
    controls: HOOK_CONTROLS,
    plant: ({ repo, evidence }, name) => plantHook(repo, evidence, name),
    leaves: (name) => `hook-${name}`,
  }));

test('a careless reader runs every command in the planted files', (t) => {
  const names: string[] = [];
  controlFiles((name) => {
    names.push(name);
    return 'true';
  });
  return control(t, {
    plants: names,
    controls: FILE_CONTROLS,
    plant({ repo, evidence }) {
      for (const [path, text] of Object.entries(controlFiles(evidence.run))) repo.write(path, text);
    },
    leaves: (name) => name,
  });
});
