import { formatKeyPath, type KeyPath, parseKeyPath } from '../../../core/config/key-path.ts';
import { UsageError } from '../../../core/errors.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { FileScope, LoadedSettings } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeJson, safeJsonBlock, safeLine } from '../safe-text.ts';
import { cut, pad } from '../width.ts';

interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

export const configShow: Action = async (context, { options }) => {
  const loaded = await context.services.settings.load();
  const origin = options.origin === true;
  if (context.json) {
    printJson(context, origin ? settingsOf(loaded) : loaded.config);
    return EXIT.ok;
  }
  const settings = settingsOf(loaded);
  const width = Math.max(...settings.map((each) => each.key.length));
  printLines(
    context,
    settings.map((each) => {
      const from = origin
        ? context.paint(each.origin === 'built-in' ? 'dim' : 'cyan', pad(each.origin, 10))
        : '';
      const head = pad(safeLine(each.key), width);
      const value = shortValue(each.value);
      // Prompts are long: a terminal shows their beginning, a pipe gets them whole.
      const room = context.io.columns() - width - (origin ? 10 : 0) - 2;
      return `${from}${head}  ${context.io.outIsTerminal ? cut(value, Math.max(20, room)) : value}`;
    }),
  );
  return EXIT.ok;
};

export const configGet: Action = async (context, { args }) => {
  const loaded = await context.services.settings.load();
  const keyPath = parseKeyPath(String(args[0]));
  const value = valueAt(loaded.config, keyPath);
  if (value === undefined) throw unknownKey(formatKeyPath(keyPath), loaded);
  if (context.json) printJson(context, value);
  else context.io.out(`${typeof value === 'string' ? value : safeJsonBlock(value)}\n`);
  return EXIT.ok;
};

export const configSet: Action = async (context, { args, options }) => {
  const keyPath = parseKeyPath(String(args[0]));
  const path = await context.services.settings.set(scopeOf(options), keyPath, parseValue(String(args[1])));
  printLines(context, [`Set ${safeLine(formatKeyPath(keyPath))} in ${safeLine(path)}.`]);
  return EXIT.ok;
};

export const configUnset: Action = async (context, { args, options }) => {
  const keyPath = parseKeyPath(String(args[0]));
  const path = await context.services.settings.unset(scopeOf(options), keyPath);
  printLines(context, [`Removed ${safeLine(formatKeyPath(keyPath))} from ${safeLine(path)}.`]);
  return EXIT.ok;
};

export const configPath: Action = async (context) => {
  const { files } = await context.services.settings.load();
  if (context.json) printJson(context, files);
  else {
    printLines(
      context,
      files.map(
        (file) => `${pad(file.scope, 8)}  ${safeLine(file.path)}${file.exists ? '' : ' (not there yet)'}`,
      ),
    );
  }
  return EXIT.ok;
};

function scopeOf(options: Readonly<Record<string, unknown>>): FileScope {
  return options.global === true ? 'global' : 'project';
}

/** Every single value and list of the config in force, in the order of the config. */
function settingsOf({ config, origins }: LoadedSettings): readonly Setting[] {
  const settings: Setting[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    if (isMap(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      return;
    }
    const key = formatKeyPath(path);
    settings.push({ key, value, origin: origins[key] ?? 'built-in' });
  };
  walk(config, []);
  return settings;
}

function valueAt(config: unknown, keyPath: readonly string[]): unknown {
  let value: unknown = config;
  for (const key of keyPath) {
    if (!isMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function unknownKey(key: string, loaded: LoadedSettings): UsageError {
  const meant = nearest(
    key,
    settingsOf(loaded).map((each) => each.key),
  );
  return new UsageError('UNKNOWN_SETTING', `${quoted(key)} is not set to anything`, {
    advice: meant === undefined ? 'cw config show lists every setting' : `did you mean ${meant}?`,
  });
}

/** JSON where it is JSON (numbers, lists, true), else the text itself: `cw config set verify npm test` is text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shortValue(value: unknown): string {
  return typeof value === 'string' ? safeLine(value) : safeJson(value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
