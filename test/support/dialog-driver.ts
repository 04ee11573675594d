import assert from 'node:assert/strict';
import type { ErrorFacts } from '../../src/core/error-facts.ts';
import { textWidth } from '../../src/core/terminal/width.ts';
import type { Effect, Message } from '../../src/surfaces/tui/app.ts';
import type { OpenDialog, Opened, Size } from '../../src/surfaces/tui/dialogs/dialog.ts';
import type { ProjectView } from '../../src/surfaces/tui/project/view.ts';
import { withoutStyles } from '../../src/surfaces/tui/text/styled.ts';
import { createTheme } from '../../src/surfaces/tui/theme.ts';

const THEME = createTheme({ colours: 'true', background: 'dark', unicode: true });
/** No dialog looks at more of the view than it asks the project for. */
const VIEW = {} as ProjectView;

/** Carries a dialog on as its shell does, without a terminal and without a project. */
export class DialogDriver {
  dialog: OpenDialog | undefined;
  /** What it said when it closed. */
  notice: string | undefined;
  readonly size: Size;
  /** All that it wanted done, oldest first. */
  readonly effects: Effect[];

  constructor(opened: Opened, size: Size = { width: 70, height: 24 }) {
    this.dialog = opened.dialog;
    this.effects = [...opened.effects];
    this.size = size;
  }

  get isOpen(): boolean {
    return this.dialog !== undefined;
  }

  /** The last thing that it wanted done. */
  get wanted(): Effect | undefined {
    return this.effects.at(-1);
  }

  send(message: Message): this {
    const step = this.dialog?.update(message, VIEW);
    if (step === undefined) return this;
    this.effects.push(...step.effects);
    if ('close' in step) {
      this.dialog = undefined;
      this.notice = step.notice;
    } else this.dialog = step.dialog;
    return this;
  }

  /** Presses keys by their names. */
  press(...keys: readonly string[]): this {
    for (const key of keys) this.send({ kind: 'key', key, text: key.length === 1 ? key : '' });
    return this;
  }

  /** Types a text, a key for each letter. */
  type(text: string): this {
    for (const letter of text) {
      this.send({ kind: 'key', key: letter === ' ' ? 'space' : letter, text: letter });
    }
    return this;
  }

  /** Says that the last effect was carried out, and to what. */
  tell(value: unknown): this {
    return this.send({ kind: 'told', effect: this.#name(), result: { ok: true, value } });
  }

  /** Says that the last effect failed. */
  fail(error: Partial<ErrorFacts>): this {
    const facts = { code: 'REFUSED', message: 'no', isUsage: false, ...error };
    return this.send({ kind: 'told', effect: this.#name(), result: { ok: false, error: facts } });
  }

  /** What is on the screen, without colours and without what is empty at the ends of rows. */
  screen(size: Size = this.size): string {
    if (this.dialog === undefined) return '';
    const { rows, cursor } = this.dialog.render(size, THEME, VIEW);
    assert.ok(rows.length <= size.height, `${rows.length} rows of ${size.height}`);
    for (const row of rows) {
      assert.equal(textWidth(withoutStyles(row)), size.width, JSON.stringify(row));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a row is text and colours, and nothing else.
      assert.doesNotMatch(row.replaceAll(/\u001b\[[\d;]*m/g, ''), /[\u0000-\u001f\u007f-\u009f]/);
    }
    if (cursor !== undefined) assert.ok(cursor.x < size.width && cursor.y < rows.length, 'a cursor outside');
    return rows.map((row) => withoutStyles(row).trimEnd()).join('\n');
  }

  /** The same with its colours. */
  coloured(): string {
    return this.dialog?.render(this.size, THEME, VIEW).rows.join('\n') ?? '';
  }

  /** The operation and the input of the last call. */
  get called(): { operation: string; input: unknown } {
    const effect = this.wanted;
    assert.ok(effect?.kind === 'call', JSON.stringify(effect));
    return { operation: effect.operation, input: effect.input };
  }

  #name(): string {
    const effect = this.wanted;
    assert.ok(effect !== undefined && 'name' in effect);
    return effect.name;
  }
}
