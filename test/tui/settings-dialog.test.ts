import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settingsOperations } from '../../src/core/api/settings-operations.ts';
import type { ConfigFiles, ConfigText } from '../../src/core/config/ports.ts';
import { errorFacts } from '../../src/core/error-facts.ts';
import { openDialog } from '../../src/surfaces/tui/dialogs/open-dialog.ts';
import { DialogDriver } from '../support/dialog-driver.ts';

const WIDE = { width: 130, height: 40 };
const NARROW = { width: 80, height: 24 };

/** Config files in memory. */
class MemoryFiles implements ConfigFiles {
  readonly texts: Record<'global' | 'project', string | undefined>;

  constructor(files: { global?: object; project?: object } = {}) {
    const text = (value: object | undefined) =>
      value === undefined ? undefined : `${JSON.stringify(value, undefined, 2)}\n`;
    this.texts = { global: text(files.global), project: text(files.project) };
  }

  async read(): Promise<readonly ConfigText[]> {
    return (['global', 'project'] as const).map((scope) => ({
      scope,
      path: `/${scope}/config.json`,
      text: this.texts[scope],
    }));
  }

  async write({ scope }: Pick<ConfigText, 'scope'>, { after }: { after: string }): Promise<void> {
    this.texts[scope] = after;
  }
}

type Operations = ReturnType<typeof settingsOperations>;

/** The panel over those files: what it asks the project is answered by the code that answers it there. */
class Panel extends DialogDriver {
  readonly files: MemoryFiles;
  readonly #operations: Operations;
  #answered = 0;

  private constructor(files: MemoryFiles, size: typeof WIDE) {
    super(openDialog({ kind: 'settings' }, size), size);
    this.files = files;
    this.#operations = settingsOperations({ configFiles: files });
  }

  static async over(files: MemoryFiles, size = WIDE): Promise<Panel> {
    return await new Panel(files, size).answered();
  }

  /** Answers all that it asked for so far. */
  async answered(): Promise<this> {
    while (this.#answered < this.effects.length) {
      const effect = this.effects[this.#answered++];
      if (effect?.kind !== 'call') continue;
      const operation = this.#operations[effect.operation as keyof Operations];
      const result = await (operation as (input: unknown) => Promise<unknown>)(effect.input).then(
        (value) => ({ ok: true as const, value }),
        (error: unknown) => ({ ok: false as const, error: errorFacts(error) }),
      );
      this.send({ kind: 'told', effect: effect.name, result });
    }
    return this;
  }

  /** Chooses the setting by searching for it. */
  find(name: string): this {
    return this.press('/').type(name).press('enter');
  }
}

test('S3-46 the panel shows every setting with its value in each file, and where it comes from', async () => {
  const panel = await Panel.over(
    new MemoryFiles({ global: { maxAgents: 2 }, project: { verify: 'npm test' } }),
  );
  panel.find('maxAgents');
  assert.match(panel.screen(), /BUILT IN +ALL PROJECTS +THIS PROJECT/);
  assert.match(panel.screen(), /▸ maxAgents +4 +2 +-/);
  assert.match(
    panel.screen(),
    /Agents at work at once in one run\.\s+│\n│ Takes a whole number from 1 to 64\./,
  );
  panel.find('sandbox.mode');
  assert.match(panel.screen(), /▸ sandbox\.mode /);
  panel.find('verify command');
  assert.match(panel.screen(), /verify +- +- +npm test/);
  const narrow = await Panel.over(new MemoryFiles({ global: { maxAgents: 2 } }), NARROW);
  narrow.find('maxAgents');
  assert.match(narrow.screen(), /SETTING +VALUE +FROM/);
  assert.match(narrow.screen(), /▸ maxAgents +2 +all projects/);
});

test('S3-47 a project override is checked as it is typed, shown before it is written, and goes into its file alone', async () => {
  const files = new MemoryFiles({ global: { maxAgents: 2 }, project: { verify: 'npm test' } });
  const before = { ...files.texts };
  const panel = await Panel.over(files);
  panel.find('maxAgents').press('enter', 'backspace').type('9');
  await panel.answered();
  assert.match(panel.screen(), /✓ valid/);
  panel.type('9');
  await panel.answered();
  assert.match(panel.screen(), /maxAgents must be at most 64, not 99\./);
  panel.press('enter');
  assert.match(panel.screen(), /must be at most 64/);
  panel.press('backspace', 'enter');
  await panel.answered();
  assert.match(panel.screen(), /1 change not saved[\s\S]*maxAgents +4 +2 +\* 9/);
  panel.press('s');
  await panel.answered();
  assert.match(
    panel.screen(),
    /This would be written \(1 change\):[\s\S]*\/project\/config\.json[\s\S]*\+ {2}"maxAgents": 9/,
  );
  assert.deepEqual(files.texts, before);
  panel.press('enter');
  await panel.answered();
  assert.deepEqual(JSON.parse(files.texts.project ?? ''), { verify: 'npm test', maxAgents: 9 });
  assert.equal(files.texts.global, before.global);
  assert.match(panel.screen(), /Wrote \/project\/config\.json\./);
  assert.match(panel.screen(), /▸ maxAgents +4 +2 +9/);
});

test('S3-71 changes of both files are saved together, each key in its own file', async () => {
  const files = new MemoryFiles({ project: { merge: { maxBounces: 1 } } });
  const panel = await Panel.over(files);
  panel.find('merge.strategy').press('enter', 'j', 'enter');
  await panel.answered();
  panel.press('tab').find('agents.coder.tools').press('enter', 'ctrl+j').type('web').press('enter');
  await panel.answered();
  panel.press('tab').find('merge.maxBounces').press('x', 's');
  await panel.answered();
  panel.press('enter');
  await panel.answered();
  assert.deepEqual(JSON.parse(files.texts.project ?? ''), { merge: { strategy: 'squash' } });
  assert.deepEqual(JSON.parse(files.texts.global ?? ''), {
    agents: { coder: { tools: ['read', 'edit', 'shell', 'web'] } },
  });
});

test('a file that somebody else has changed meanwhile is not written over', async () => {
  const files = new MemoryFiles({ project: { maxAgents: 2 } });
  const panel = await Panel.over(files);
  panel.find('files').press('enter', 'k', 'enter');
  await panel.answered();
  panel.press('s');
  await panel.answered();
  files.texts.project = '{ "maxAgents": 3 }';
  panel.press('enter');
  await panel.answered();
  assert.equal(files.texts.project, '{ "maxAgents": 3 }');
  assert.match(panel.screen(), /changed since this was shown/);
});

test('a map is edited as JSON, and a new provider begins as one', async () => {
  const files = new MemoryFiles();
  const panel = await Panel.over(files);
  panel.find('workflows.standard.steps').press('enter');
  assert.ok(panel.wanted?.kind === 'edit' && panel.wanted.suffix === '.json');
  panel.tell('[{ "agent": "coder" }, { "agent": "nobody" }]');
  await panel.answered();
  assert.match(panel.screen(), /names the agent "nobody", which does not exist/);
  panel.press('e').tell('[{ "agent": "coder" }]');
  await panel.answered();
  panel.find('providers.claude.command').press('n').type('mine').press('enter');
  assert.ok(panel.wanted?.kind === 'edit' && panel.wanted.text.includes('"type": "command"'));
  panel.tell('{ "type": "command", "command": "./agent.sh" ');
  assert.match(panel.screen(), /This is not JSON/);
  panel.press('e').tell('{ "type": "command", "command": "./agent.sh" }');
  await panel.answered();
  panel.press('s');
  await panel.answered();
  panel.press('y');
  await panel.answered();
  assert.deepEqual(JSON.parse(files.texts.project ?? ''), {
    workflows: { standard: { steps: [{ agent: 'coder' }] } },
    providers: { mine: { type: 'command', command: './agent.sh' } },
  });
  panel.find('providers.mine.command');
  assert.match(panel.screen(), /providers\.mine\.command +- +- +\.\/agent\.sh/);
});

test('what is not saved is not lost by one esc, and can be taken back', async () => {
  const panel = await Panel.over(new MemoryFiles());
  panel.find('maxAgents').press('enter').type('0').press('enter');
  await panel.answered();
  panel.press('esc').press('esc');
  assert.match(panel.screen(), /1 change would be lost: esc again to leave/);
  panel.find('maxAgents').press('u', 'esc', 'esc');
  assert.equal(panel.isOpen, false);
});

test('files that are broken are shown with the place of the error', async () => {
  const files = new MemoryFiles();
  files.texts.project = '{ "maxAgents": 2, }';
  const panel = await Panel.over(files);
  assert.match(panel.screen(), /\/project\/config\.json:1:17: This is not JSON/);
});

const KEYS = [
  ...[
    'j',
    'k',
    'G',
    'g',
    'enter',
    'esc',
    'tab',
    'x',
    'u',
    's',
    'n',
    '/',
    '[',
    ']',
    'e',
    'backspace',
    'ctrl+j',
  ],
  ...['ctrl+u', '0', '9', 'a', 'pgdn', 'up', 'down', 'y'],
];

test('no sequence of keys breaks the panel, and it never writes a config that does not hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...KEYS, 'answer', 'json'), { maxLength: 60 }),
      fc.record({ width: fc.integer({ min: 1, max: 140 }), height: fc.integer({ min: 1, max: 40 }) }),
      async (keys, size) => {
        const files = new MemoryFiles({ project: { maxAgents: 2 } });
        const panel = await Panel.over(files, size);
        for (const key of keys) {
          if (key === 'answer') await panel.answered();
          else if (key === 'json' && panel.wanted?.kind === 'edit') panel.tell('{"steps":[]}');
          else if (panel.isOpen) panel.press(key);
          panel.screen();
        }
        await panel.answered();
        await settingsOperations({ configFiles: files }).settings();
      },
    ),
    { numRuns: 60 },
  );
});
