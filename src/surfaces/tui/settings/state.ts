import type { SettingsChange, SettingsView } from '../../../core/api/ports.ts';
import type { ConfigChange } from '../../../core/config/edit-config.ts';
import type { FileScope } from '../../../core/config/ports.ts';
import type { Setting } from '../../../core/config/settings.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { Size } from '../dialogs/dialog.ts';
import type { TextInput } from '../widgets/text-input.ts';
import { sectionOf } from './values.ts';

export interface SettingsState {
  readonly size: Size;
  /** Undefined until the project has answered. */
  readonly loaded: SettingsView | undefined;
  readonly error: ErrorFacts | undefined;
  /** The file that is edited. */
  readonly scope: FileScope;
  /** Name of the chosen setting. */
  readonly selected: string;
  readonly filter: string;
  /** What is to be written, by scope and name: see `stagedKey`. */
  readonly staged: ReadonlyMap<string, ConfigChange>;
  readonly mode: SettingsMode;
  /** Number of the last check that was asked for. */
  readonly checks: number;
  readonly notice: { readonly text: string; readonly look: 'notice' | 'failed' } | undefined;
  /** It was to be left once although something is not saved. */
  readonly isLeaving: boolean;
}

export type SettingsMode =
  | { readonly kind: 'list' }
  | { readonly kind: 'filter'; readonly input: TextInput }
  /** A name for a new provider, agent or workflow. */
  | { readonly kind: 'name'; readonly section: string; readonly input: TextInput }
  | EditMode
  | { readonly kind: 'preview'; readonly files: SettingsChange['files']; readonly top: number }
  | { readonly kind: 'waiting'; readonly for: string };

export interface EditMode {
  readonly kind: 'edit';
  readonly setting: Setting;
  readonly input: TextInput;
  /** Index of the chosen option, of a setting that is chosen. */
  readonly chosen: number;
  /** What the config says to the value as it is now. */
  readonly check: Check;
  /** It is taken as soon as the check says that it may be. */
  readonly isAccepted: boolean;
}

export type Check =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly number: number }
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly message: string; readonly advice?: string | undefined };

export function stagedKey({ scope, name }: { scope: FileScope; name: string }): string {
  return `${scope} ${name}`;
}

/** The settings that there are, and those that would be new, below each section together. */
export function allSettings({
  loaded,
  staged,
}: Pick<SettingsState, 'loaded' | 'staged'>): readonly Setting[] {
  const known = loaded?.settings ?? [];
  const names = new Set(known.map(({ name }) => name));
  const added = new Map<string, Setting>();
  for (const { key } of staged.values()) {
    const name = key.join('.');
    if (!names.has(name) && key.length === 2 && !known.some((each) => each.name.startsWith(`${name}.`))) {
      added.set(name, { key, name, takes: { kind: 'json' }, help: 'New.' });
    }
  }
  return bySection([...known, ...added.values()]);
}

function bySection(settings: readonly Setting[]): readonly Setting[] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const section = sectionOf(setting);
    sections.set(section, [...(sections.get(section) ?? []), setting]);
  }
  return [...sections.values()].flat();
}

/** Those that the filter leaves: each of its words is in the name, the help, or a value that was set. */
export function shownSettings(state: SettingsState): readonly Setting[] {
  const words = state.filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const all = allSettings(state);
  if (words.length === 0) return all;
  return all.filter(({ name, help = '' }) => {
    const text = `${name} ${help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The value in one file, as it would be when all is saved; undefined: the file does not say. */
export function valueIn(state: SettingsState, setting: Setting, scope: FileScope): unknown {
  const change = state.staged.get(stagedKey({ scope, name: setting.name }));
  if (change === undefined) return setting[scope];
  return change.value === null ? undefined : change.value;
}

/** Which of the three holds, once all is saved. */
export function holding(state: SettingsState, setting: Setting): 'project' | 'global' | 'builtIn' {
  if (valueIn(state, setting, 'project') !== undefined) return 'project';
  return valueIn(state, setting, 'global') === undefined ? 'builtIn' : 'global';
}

/** What is built in, or else made up where nothing is set. */
export function builtInOf({ builtIn, from, value }: Setting): unknown {
  return builtIn ?? (from === 'built-in' ? value : undefined);
}
