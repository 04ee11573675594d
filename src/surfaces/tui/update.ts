import { act } from './act.ts';
import type { App, Effect, Message } from './app.ts';
import type { Kept } from './dialogs/dialog.ts';
import { keyMeaning, meaningAnywhere } from './keys.ts';
import { clickAt, wheelAt } from './mouse.ts';
import { toggled } from './pausing.ts';
import { typeSearch } from './searching.ts';
import type { Step } from './step.ts';
import type { TerminalInput } from './terminal.ts';
import type { Ui } from './ui.ts';
import { ALT_EDITS } from './widgets/text-input.ts';

/** What the message makes of the app, and what is to be done outside of it. */
export function update(app: App, message: Message): Step {
  if (message.kind !== 'key' || message.afterEscape === undefined || meansAlt(app, message.key))
    return updateWith(app, message);
  const escaped = updateWith(app, { kind: 'key', key: 'esc', text: '' });
  const step = updateWith(escaped.app, { kind: 'key', ...message.afterEscape });
  return { app: step.app, effects: [...escaped.effects, ...step.effects] };
}

/** Only texts have keys with Alt. Elsewhere such a key is Escape, and the next key came so soon that both were read as one. */
function meansAlt({ dialog }: App, key: string): boolean {
  return ALT_EDITS.has(key) && dialog?.isWriting() === true;
}

function updateWith(app: App, message: Message): Step {
  const anywhere = message.kind === 'key' ? meaningAnywhere(message.key) : undefined;
  if (anywhere !== undefined) return act(app, anywhere);
  const { app: next, effects } = app.dialog === undefined ? { app, effects: [] } : tellDialog(app, message);
  if (isInput(message) && message.kind !== 'resize' && app.dialog !== undefined)
    return { app: next, effects };
  const step = withoutDialog(next, message);
  return { app: step.app, effects: [...effects, ...step.effects] };
}

function isInput(message: Message): message is TerminalInput {
  return ['key', 'paste', 'mouse', 'resize'].includes(message.kind);
}

function tellDialog(app: App, message: Message): Step {
  const step = app.dialog?.update(message, app.view);
  if (step === undefined) return { app, effects: [] };
  if ('dialog' in step) {
    const ui = step.keeps === undefined ? app.ui : keep(app.ui, step.keeps);
    return { app: { ...app, ui, dialog: step.dialog }, effects: step.effects };
  }
  const notice = step.notice === undefined ? app.ui.notice : { text: step.notice, look: 'notice' as const };
  // What was marked was marked for what is done now.
  const marked = step.notice === undefined ? app.ui.marked : NONE;
  return { app: { ...app, dialog: undefined, ui: { ...app.ui, notice, marked } }, effects: step.effects };
}

const NONE: ReadonlySet<string> = new Set();

/** At most so many command lines are remembered. */
const MOST_LINES = 100;

function keep(ui: Ui, kept: Kept): Ui {
  if (kept.kind === 'said') return { ...ui, said: kept.said };
  const before = ui.history.filter((line) => line !== kept.line);
  return { ...ui, history: [...before, kept.line].slice(-MOST_LINES) };
}

function withoutDialog(app: App, message: Message): Step {
  const { ui } = app;
  const shown = (next: Partial<App['ui']>): Step => ({
    app: { ...app, ui: { ...ui, ...next } },
    effects: [],
  });
  switch (message.kind) {
    case 'view':
      return { app: { ...app, view: message.view }, effects: [] };
    case 'tick':
      return shown({ now: message.now });
    case 'resize':
      return shown({ size: { width: message.width, height: message.height } });
    case 'output':
      return { app, effects: [] };
    case 'notice':
      return shown({ notice: { text: message.text, look: 'notice' } });
    case 'ended':
      return shown({ run: { kind: 'ended', text: message.text }, notice: undefined });
    case 'told':
      return told(app, message);
    case 'paste':
      return typeSearch(app, { kind: 'key', key: '', text: message.text }) ?? { app, effects: [] };
    case 'mouse':
      return pointed(app, message);
    case 'key':
      return pressed(app, message);
  }
}

/** What a key's own command came to; a dialog hears of its own. */
function told(app: App, message: Extract<Message, { kind: 'told' }>): Step {
  const { effect, result } = message;
  const step = toggled(app, message);
  if (step !== undefined) return step;
  if (result.ok || !effect.startsWith('terminal.')) return { app, effects: [] };
  const { message: what, advice } = result.error;
  const text = advice === undefined ? what : `${what}: ${advice}`;
  return { app: { ...app, ui: { ...app.ui, notice: { text, look: 'failed' } } }, effects: [] };
}

function pointed(app: App, mouse: Extract<TerminalInput, { kind: 'mouse' }>): Step {
  switch (mouse.action) {
    case 'press':
      return clickAt(app, mouse);
    case 'wheel-up':
      return wheelAt(app, mouse, -3);
    case 'wheel-down':
      return wheelAt(app, mouse, 3);
    default:
      return { app, effects: [] };
  }
}

function pressed(app: App, key: Extract<TerminalInput, { kind: 'key' }>): Step {
  const searching = typeSearch(app, key);
  if (searching !== undefined) return searching;
  const { ui } = app;
  const typed = [...ui.typed, key.key];
  const meaning = keyMeaning(typed, ui.focus);
  const quiet: App = { ...app, ui: { ...ui, typed: [], notice: undefined } };
  const none: readonly Effect[] = [];
  switch (meaning.kind) {
    case 'begun':
      return { app: { ...app, ui: { ...ui, typed } }, effects: none };
    case 'found':
      return act(quiet, meaning.id);
    case 'none':
      // The last key may mean something by itself.
      return ui.typed.length === 0 ? { app: quiet, effects: none } : pressed(quiet, key);
  }
}
