import type { Setting, SettingKind } from '../../../core/config/settings.ts';

/** A value on one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) {
    return value.join(', ');
  }
  return JSON.stringify(value);
}

/** What it takes, in words. */
export function takesText(takes: SettingKind): string {
  switch (takes.kind) {
    case 'text':
      return 'text';
    case 'flag':
      return 'true or false';
    case 'choice':
      return takes.options.join(', ');
    case 'number': {
      const { whole, least, most } = takes;
      const range = least === undefined || most === undefined ? '' : ` from ${least} to ${most}`;
      return `${whole ? 'a whole number' : 'a number'}${range}`;
    }
    case 'list':
      return takes.options === undefined
        ? 'a list, one on each line'
        : `a list, one on each line, of: ${takes.options.join(', ')}`;
    case 'json':
      return 'JSON, in your editor';
  }
}

/** The choices of a setting that is chosen from a list. */
export function optionsOf(takes: SettingKind): readonly string[] | undefined {
  if (takes.kind === 'flag') return ['true', 'false'];
  return takes.kind === 'choice' ? takes.options : undefined;
}

/** A value as somebody edits it. */
export function editableText(takes: SettingKind, value: unknown): string {
  if (value === undefined) return '';
  if (takes.kind === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  if (takes.kind === 'list' && Array.isArray(value)) return value.join('\n');
  return String(value);
}

export type ParsedValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Nothing is written: the key is to be taken away. */
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** What somebody wrote, as a value for the file; whether the file may have it is for the config to say. */
export function parseValue(takes: SettingKind, text: string): ParsedValue {
  const trimmed = text.trim();
  switch (takes.kind) {
    case 'flag':
      return trimmed === '' ? { kind: 'none' } : { kind: 'value', value: trimmed === 'true' };
    case 'choice':
      return trimmed === '' ? { kind: 'none' } : { kind: 'value', value: trimmed };
    case 'number': {
      if (trimmed === '') return { kind: 'none' };
      const number = Number(trimmed.replaceAll('_', ''));
      return Number.isNaN(number)
        ? { kind: 'wrong', problem: `"${trimmed}" is not a number.` }
        : { kind: 'value', value: number };
    }
    case 'list': {
      const items = text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return { kind: 'value', value: items };
    }
    case 'json':
      return parseJsonValue(trimmed);
    case 'text':
      return trimmed === '' ? { kind: 'none' } : { kind: 'value', value: text.replace(/\n+$/, '') };
  }
}

function parseJsonValue(text: string): ParsedValue {
  if (text === '') return { kind: 'none' };
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'wrong', problem: `This is not JSON: ${error instanceof Error ? error.message : ''}` };
  }
}

/** What a new one begins as, in the editor. */
export const TEMPLATES = {
  providers: { type: 'command', command: '', args: [] },
  agents: { systemPrompt: '', tools: ['read', 'edit', 'shell'] },
  workflows: { steps: [{ agent: 'coder' }] },
} as const satisfies Record<string, unknown>;

/** The first key: what the setting is shown below. */
export function sectionOf({ key }: Pick<Setting, 'key'>): string {
  return key.length === 1 ? 'general' : (key[0] ?? '');
}
