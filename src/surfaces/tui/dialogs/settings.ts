import type { SettingsChange, SettingsView } from '../../../core/api/ports.ts';
import type { ConfigChange } from '../../../core/config/edit-config.ts';
import type { Setting } from '../../../core/config/settings.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { Message, Told } from '../app.ts';
import { dialogKey } from '../dialog-keys.ts';
import {
  allSettings,
  builtInOf,
  type EditMode,
  type SettingsState,
  shownSettings,
  stagedKey,
  valueIn,
} from '../settings/state.ts';
import { editableText, optionsOf, parseValue, sectionOf, TEMPLATES } from '../settings/values.ts';
import { moveList } from '../widgets/list.ts';
import { editText, textInput } from '../widgets/text-input.ts';
import { type Dialog, type DialogStep, type Opened, open, type Size } from './dialog.ts';
import { listRows, renderSettings } from './settings-frame.ts';

/** Shows every setting with its values in the files, and changes them. `size`: of the screen. */
export function showSettings({ size }: { size: Size }): Opened {
  const state: SettingsState = {
    size,
    loaded: undefined,
    error: undefined,
    scope: 'project',
    selected: '',
    filter: '',
    staged: new Map(),
    mode: { kind: 'list' },
    checks: 0,
    notice: undefined,
    isLeaving: false,
  };
  return open(settingsDialog, state, [LOAD]);
}

const settingsDialog: Dialog<SettingsState> = { update, render: renderSettings, isWriting };

function isWriting({ mode }: SettingsState): boolean {
  if (mode.kind !== 'edit') return mode.kind === 'filter' || mode.kind === 'name';
  return mode.setting.takes.kind !== 'json' && optionsOf(mode.setting.takes) === undefined;
}

type Step = DialogStep<SettingsState>;
type Key = Extract<Message, { kind: 'key' }>;

const LOAD = { kind: 'call', name: 'settings.load', operation: 'settings', input: undefined } as const;

function update(state: SettingsState, message: Message): Step {
  if (message.kind === 'told') return told(state, message.effect, message.result);
  if (message.kind === 'resize') {
    return { state: { ...state, size: { width: message.width, height: message.height } } };
  }
  if (message.kind === 'key' && message.key === 'ctrl+c') return leave(state);
  switch (state.mode.kind) {
    case 'list':
      return message.kind === 'key' ? press(state, message) : { state: move(state, message) };
    case 'filter':
      return { state: filter(state, state.mode.input, message) };
    case 'name':
      return name(state, state.mode, message);
    case 'edit':
      return edit(state, state.mode, message);
    case 'preview':
      return preview(state, state.mode, message);
    case 'waiting':
      return message.kind === 'key' && dialogKey('preview', message.key) === 'leave'
        ? { state: { ...state, mode: { kind: 'list' } } }
        : { state };
  }
}

// ── What the project answers ──

function told(state: SettingsState, effect: string, result: Told): Step {
  if (effect === LOAD.name) {
    if (!result.ok) return { state: { ...state, error: result.error } };
    const loaded = result.value as SettingsView;
    const selected =
      state.selected === '' ? (allSettings({ loaded, staged: state.staged })[0]?.name ?? '') : state.selected;
    return { state: { ...state, loaded, selected, error: undefined } };
  }
  if (effect === 'settings.json') return edited(state, result);
  if (effect === `settings.check.${state.checks}`) return checked(state, result);
  if (effect === 'settings.preview' && state.mode.kind === 'waiting') return previewed(state, result);
  if (effect === 'settings.save' && state.mode.kind === 'waiting') return saved(state, result);
  return { state };
}

function checked(state: SettingsState, result: Told): Step {
  const { mode } = state;
  if (mode.kind !== 'edit') return { state };
  if (!result.ok) {
    const { message, advice } = problemOf(result.error, mode.setting.name);
    return {
      state: { ...state, mode: { ...mode, isAccepted: false, check: { kind: 'invalid', message, advice } } },
    };
  }
  const next: SettingsState = { ...state, mode: { ...mode, check: { kind: 'valid' } } };
  return { state: mode.isAccepted ? staged(next, mode) : next };
}

/** Of all that is wrong with the files, what is about this setting, else the first. */
function problemOf(
  { message, advice, problems = [] }: ErrorFacts,
  name: string,
): Pick<ErrorFacts, 'message' | 'advice'> {
  const about = problems.find((each) => each.message.startsWith(name)) ?? problems[0];
  return about ?? { message, ...(advice === undefined ? {} : { advice }) };
}

function previewed(state: SettingsState, result: Told): Step {
  if (!result.ok) return { state: failed(state, result.error) };
  const { files } = result.value as SettingsChange;
  if (files.length === 0)
    return {
      state: noticed({ ...state, mode: { kind: 'list' }, staged: new Map() }, 'The files say so already.'),
    };
  return { state: { ...state, mode: { kind: 'preview', files, top: 0 } } };
}

function saved(state: SettingsState, result: Told): Step {
  if (!result.ok) return { state: failed(state, result.error) };
  const { files } = result.value as SettingsChange;
  const where = files.map(({ path }) => path).join(' and ');
  const next = noticed(
    { ...state, mode: { kind: 'list' }, staged: new Map() },
    `Wrote ${where}. A run that is at work keeps what it began with.`,
  );
  return { state: next, effects: [LOAD] };
}

function failed(state: SettingsState, { message, advice }: ErrorFacts): SettingsState {
  const text = advice === undefined ? message : `${message} ${advice}`;
  return { ...state, mode: { kind: 'list' }, notice: { text, look: 'failed' } };
}

function noticed(state: SettingsState, text: string): SettingsState {
  return { ...state, notice: { text, look: 'notice' } };
}

// ── The list ──

function press(given: SettingsState, message: Key): Step {
  const key = dialogKey('settings', message.key);
  if (key === 'leave' && given.filter !== '') return { state: { ...given, filter: '' } };
  if (key === 'leave' || key === 'close') return leave(given);
  const state: SettingsState = { ...given, notice: undefined, isLeaving: false };
  if (state.loaded === undefined) return { state };
  const setting = shownSettings(state).find((each) => each.name === state.selected);
  switch (key) {
    case 'file':
      return { state: { ...state, scope: state.scope === 'project' ? 'global' : 'project' } };
    case 'find':
      return { state: { ...state, filter: '', mode: { kind: 'filter', input: textInput() } } };
    case 'save':
      return save(state);
    case 'nextSection':
    case 'previousSection':
      return { state: toSection(state, key === 'nextSection' ? 1 : -1) };
    case 'change':
      return setting === undefined ? { state } : begin(state, setting);
    case 'unset':
      return setting === undefined ? { state } : unset(state, setting);
    case 'takeBack':
      return setting === undefined ? { state } : { state: takeBack(state, setting) };
    case 'create': {
      const section = setting === undefined ? '' : sectionOf(setting);
      if (!(section in TEMPLATES))
        return { state: noticed(state, 'New ones are made below providers, agents and workflows.') };
      return { state: { ...state, mode: { kind: 'name', section, input: textInput() } } };
    }
    case undefined:
      return { state: move(state, message) };
  }
}

function leave(state: SettingsState): Step {
  if (state.staged.size === 0 || state.isLeaving) return { close: true, effects: [] };
  return { state: { ...state, mode: { kind: 'list' }, isLeaving: true } };
}

function move(state: SettingsState, message: Message): SettingsState {
  const settings = shownSettings(state);
  const at = Math.max(
    0,
    settings.findIndex(({ name: each }) => each === state.selected),
  );
  const moved = moveList({ selected: at, top: 0 }, message, {
    count: settings.length,
    rows: listRows(state.size),
  });
  const selected = moved === undefined ? undefined : settings[moved.selected]?.name;
  return selected === undefined ? state : { ...state, selected };
}

function toSection(state: SettingsState, by: 1 | -1): SettingsState {
  const settings = shownSettings(state);
  const firsts = settings.filter(
    (each, at) => at === 0 || sectionOf(each) !== sectionOf(settings[at - 1] ?? each),
  );
  const here = settings.find((each) => each.name === state.selected);
  const at = firsts.findIndex((each) => here !== undefined && sectionOf(each) === sectionOf(here));
  const to = firsts[Math.max(0, Math.min(firsts.length - 1, at + by))];
  return to === undefined ? state : { ...state, selected: to.name };
}

function filter(state: SettingsState, input: ReturnType<typeof textInput>, message: Message): SettingsState {
  const key = message.kind === 'key' ? dialogKey('searching', message.key) : undefined;
  if (key !== undefined) {
    return settle({ ...state, mode: { kind: 'list' }, filter: key === 'leave' ? '' : input.text });
  }
  if (message.kind === 'key' && (message.key === 'up' || message.key === 'down')) return move(state, message);
  const next = editText(input, message);
  return next === undefined
    ? state
    : settle({ ...state, filter: next.text, mode: { kind: 'filter', input: next } });
}

/** Of those that the filter leaves one is chosen: while it is typed, that with the name that is meant. */
function settle(state: SettingsState): SettingsState {
  const shown = shownSettings(state);
  const isThere = shown.some((each) => each.name === state.selected);
  if (isThere && state.mode.kind !== 'filter') return state;
  const wanted = state.filter.trim().toLowerCase();
  const meant = [
    shown.find((each) => each.name.toLowerCase() === wanted),
    shown.find((each) => each.name.toLowerCase().includes(wanted)),
    shown[0],
  ].find((each) => each !== undefined);
  return meant === undefined ? state : { ...state, selected: meant.name };
}

// ── Changing one ──

function begin(state: SettingsState, setting: Setting): Step {
  const value = valueIn(state, setting, state.scope) ?? setting.value ?? builtInOf(setting);
  const { takes } = setting;
  if (takes.kind === 'json') return openJson(state, setting, editableText(takes, value ?? {}));
  const options = optionsOf(takes);
  const mode: EditMode = {
    kind: 'edit',
    setting,
    input: textInput(editableText(takes, value), { lines: takes.kind === 'list' || takes.kind === 'text' }),
    chosen: Math.max(0, options?.indexOf(String(value)) ?? 0),
    check: { kind: 'none' },
    isAccepted: false,
  };
  return { state: { ...state, mode } };
}

function openJson(state: SettingsState, setting: Setting, text: string): Step {
  const mode: EditMode = {
    kind: 'edit',
    setting,
    input: textInput(text, { lines: true }),
    chosen: 0,
    check: { kind: 'none' },
    isAccepted: false,
  };
  return {
    state: { ...state, mode },
    effects: [{ kind: 'edit', name: 'settings.json', text, suffix: suffixOf(setting) }],
  };
}

function suffixOf({ takes }: Setting): string {
  return takes.kind === 'json' ? '.json' : '.md';
}

/** What came back from the editor is taken at once, if the config takes it. */
function edited(state: SettingsState, result: Told): Step {
  const { mode } = state;
  if (mode.kind !== 'edit') return { state };
  if (!result.ok) return { state: failed(state, result.error) };
  const input = textInput(String(result.value).replace(/\n+$/, ''), { lines: true });
  return check(state, { ...mode, input, isAccepted: mode.setting.takes.kind === 'json' });
}

function edit(state: SettingsState, mode: EditMode, message: Message): Step {
  const options = optionsOf(mode.setting.takes);
  if (message.kind === 'key') {
    const key = dialogKey('value', message.key);
    if (key === 'leave') return { state: { ...state, mode: { kind: 'list' } } };
    if (key === 'take') return accept(state, mode);
    if (key === 'editor' || (key === 'json' && mode.setting.takes.kind === 'json')) {
      return openJson(state, mode.setting, mode.input.text);
    }
  }
  if (options !== undefined) {
    const moved = moveList({ selected: mode.chosen, top: 0 }, message, {
      count: options.length,
      rows: options.length,
    });
    return moved === undefined || moved.selected === mode.chosen
      ? { state }
      : check(state, { ...mode, chosen: moved.selected });
  }
  if (mode.setting.takes.kind === 'json') return { state };
  const input = editText(mode.input, message);
  if (input === undefined || input === mode.input) return { state };
  return input.text === mode.input.text
    ? { state: { ...state, mode: { ...mode, input } } }
    : check(state, { ...mode, input });
}

/** Asks the config whether it takes what is written, with all that is to be saved besides. */
function check(state: SettingsState, mode: EditMode): Step {
  const change = changeOf(state, mode);
  if (change.kind === 'wrong') {
    const { problem } = change;
    return {
      state: { ...state, mode: { ...mode, isAccepted: false, check: { kind: 'invalid', message: problem } } },
    };
  }
  if (change.kind === 'unset') return unchecked(state, mode);
  const number = state.checks + 1;
  const changes = [...withChange(state, mode.setting, change.change).values()];
  return {
    state: { ...state, checks: number, mode: { ...mode, check: { kind: 'asked', number } } },
    effects: [
      {
        kind: 'call',
        name: `settings.check.${number}`,
        operation: 'changeSettings',
        input: { changes, dryRun: true },
      },
    ],
  };
}

/** Taking a key away is for the save to check: there may be none to take away yet. */
function unchecked(state: SettingsState, mode: EditMode): Step {
  const next: SettingsState = { ...state, mode: { ...mode, check: { kind: 'valid' } } };
  return { state: mode.isAccepted ? staged(next, mode) : next };
}

function accept(state: SettingsState, mode: EditMode): Step {
  if (mode.check.kind === 'invalid') return { state };
  const accepted: EditMode = { ...mode, isAccepted: true };
  if (mode.check.kind === 'asked') return { state: { ...state, mode: accepted } };
  return mode.check.kind === 'valid' ? { state: staged(state, accepted) } : check(state, accepted);
}

function staged(state: SettingsState, mode: EditMode): SettingsState {
  const list: SettingsState = { ...state, mode: { kind: 'list' } };
  const change = changeOf(state, mode);
  if (change.kind === 'wrong') return state;
  if (change.kind === 'unset') return unsetState(list, mode.setting);
  return { ...list, selected: mode.setting.name, staged: withChange(state, mode.setting, change.change) };
}

type Changing =
  | { readonly kind: 'set'; readonly change: ConfigChange }
  | { readonly kind: 'unset' }
  | { readonly kind: 'wrong'; readonly problem: string };

function changeOf({ scope }: SettingsState, { setting, input, chosen }: EditMode): Changing {
  const { key, takes } = setting;
  const parsed = parseValue(takes, optionsOf(takes)?.[chosen] ?? input.text);
  switch (parsed.kind) {
    case 'wrong':
      return parsed;
    case 'none':
      return { kind: 'unset' };
    case 'value':
      return { kind: 'set', change: { scope, key, value: parsed.value } };
  }
}

/** What is to be saved, with this; what the file says already is not. */
function withChange(
  state: SettingsState,
  setting: Setting,
  change: ConfigChange,
): ReadonlyMap<string, ConfigChange> {
  const all = new Map(state.staged);
  const key = stagedKey({ scope: change.scope, name: setting.name });
  all.delete(key);
  const isSame = JSON.stringify(setting[change.scope]) === JSON.stringify(change.value);
  return isSame ? all : all.set(key, change);
}

function unset(state: SettingsState, setting: Setting): Step {
  if (valueIn(state, setting, state.scope) === undefined) {
    return { state: noticed(state, `${setting.name} is not set in the ${state.scope} file.`) };
  }
  return { state: unsetState(state, setting) };
}

function unsetState(state: SettingsState, setting: Setting): SettingsState {
  const { scope } = state;
  const all = new Map(state.staged);
  const key = stagedKey({ scope, name: setting.name });
  all.delete(key);
  if (setting[scope] !== undefined) all.set(key, { scope, key: setting.key, value: null });
  return { ...state, staged: all };
}

/** Forgets what was to be saved of this one. */
function takeBack(state: SettingsState, { name: which }: Setting): SettingsState {
  const all = new Map(state.staged);
  all.delete(stagedKey({ scope: state.scope, name: which }));
  return settle({ ...state, staged: all });
}

function name(
  state: SettingsState,
  mode: Extract<SettingsState['mode'], { kind: 'name' }>,
  message: Message,
): Step {
  const pressed = message.kind === 'key' ? dialogKey('value', message.key) : undefined;
  if (pressed === 'leave') return { state: { ...state, mode: { kind: 'list' } } };
  if (pressed !== 'take') {
    const input = editText(mode.input, message);
    return { state: input === undefined ? state : { ...state, mode: { ...mode, input } } };
  }
  const text = mode.input.text.trim();
  if (text === '') return { state };
  const key = [mode.section, text];
  const setting: Setting = { key, name: key.join('.'), takes: { kind: 'json' }, help: 'New.' };
  const template = TEMPLATES[mode.section as keyof typeof TEMPLATES];
  return openJson(state, setting, editableText(setting.takes, template));
}

// ── Saving ──

function save(state: SettingsState): Step {
  if (state.staged.size === 0) return { state: noticed(state, 'Nothing is changed.') };
  return {
    state: { ...state, mode: { kind: 'waiting', for: 'what would be written' } },
    effects: [
      {
        kind: 'call',
        name: 'settings.preview',
        operation: 'changeSettings',
        input: { changes: [...state.staged.values()], dryRun: true },
      },
    ],
  };
}

function preview(
  state: SettingsState,
  mode: Extract<SettingsState['mode'], { kind: 'preview' }>,
  message: Message,
): Step {
  if (message.kind === 'key') {
    const key = dialogKey('preview', message.key);
    if (key === 'leave') return { state: { ...state, mode: { kind: 'list' } } };
    if (key === 'write') {
      const input = { changes: [...state.staged.values()], shown: mode.files.map(({ diff }) => diff) };
      return {
        state: { ...state, mode: { kind: 'waiting', for: 'the files to be written' } },
        effects: [{ kind: 'call', name: 'settings.save', operation: 'changeSettings', input }],
      };
    }
  }
  const count = mode.files.reduce((sum, { diff }) => sum + diff.split('\n').length, 0);
  const moved = moveList({ selected: mode.top, top: 0 }, message, { count, rows: listRows(state.size) });
  return moved === undefined ? { state } : { state: { ...state, mode: { ...mode, top: moved.selected } } };
}
