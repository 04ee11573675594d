import type * as z from 'zod';
import { present } from '../source/present.ts';
import { BUILT_IN } from './built-in.ts';
import { formatKeyPath } from './key-path.ts';
import type { ConfigOrigins } from './merge.ts';
import type { ConfigText } from './ports.ts';
import { ConfigInvalidError } from './problem.ts';
import { checkConfigText } from './read-layer.ts';
import { type ConfigLayer, resolveConfig } from './resolve.ts';
import { type Config, type ConfigScope, configFile } from './schema.ts';

/** What a setting takes, from the schema that checks the files. */
export type SettingKind =
  | { readonly kind: 'text' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'number'; readonly whole: boolean; readonly least?: number; readonly most?: number }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  /** Texts; `options`: the only ones that it takes. */
  | { readonly kind: 'list'; readonly options?: readonly string[] }
  /** Anything else: a map, or a list of maps. */
  | { readonly kind: 'json' };

/** One setting of a project, as every scope has it. A value that is absent is not set there. */
export interface Setting {
  readonly key: readonly string[];
  /** The key as one text: `agents.coder.model`. */
  readonly name: string;
  readonly takes: SettingKind;
  readonly help?: string;
  /** What holds. */
  readonly value?: unknown;
  /** The scope that it holds from. */
  readonly from?: ConfigScope;
  readonly builtIn?: unknown;
  readonly global?: unknown;
  readonly project?: unknown;
}

interface SettingsSource {
  readonly config: Config;
  readonly origins: ConfigOrigins;
  readonly layers: readonly ConfigLayer[];
}

/** The settings of config files. Throws `ConfigInvalidError` with all that is wrong with them. */
export function readSettings(files: readonly ConfigText[]): readonly Setting[] {
  const checked = files.flatMap(({ text, ...file }) =>
    text === undefined ? [] : [checkConfigText({ ...file, text })],
  );
  const problems = checked.flatMap((each) => each.problems);
  if (problems.length > 0) throw new ConfigInvalidError(problems);
  const layers = checked.flatMap(({ layer }) => layer ?? []);
  const resolved = resolveConfig(layers);
  if (resolved.kind === 'invalid') throw new ConfigInvalidError(resolved.problems);
  return settingsOf({ config: resolved.config, origins: resolved.origins, layers });
}

/** Every setting that there is, set or not, in the order of the schema; of providers, agents and workflows all that are known. */
function settingsOf(source: SettingsSource): readonly Setting[] {
  const settings: Setting[] = [];
  const walk = (schema: z.core.$ZodType, key: readonly string[]): void => {
    const { inner, help } = unwrap(schema);
    const { def } = inner._zod;
    if (def.type === 'object') {
      for (const [name, part] of Object.entries((def as z.core.$ZodObjectDef).shape)) {
        if (name !== '$schema') walk(part, [...key, name]);
      }
      return;
    }
    const named = namesIn(source.config, key);
    if (def.type === 'record' && named !== undefined) {
      for (const name of named) walk((def as z.core.$ZodRecordDef).valueType, [...key, name]);
      return;
    }
    settings.push(settingOf(inner, key, { source, help }));
  };
  walk(configFile, []);
  return settings;
}

/** Of a map whose names are the person's own, such as `agents`: those that are there. */
function namesIn(config: Config, [key, ...rest]: readonly string[]): readonly string[] | undefined {
  if (rest.length > 0 || key === undefined || !NAMED.includes(key as (typeof NAMED)[number]))
    return undefined;
  return Object.keys(config[key as (typeof NAMED)[number]]);
}

const NAMED = ['providers', 'agents', 'workflows'] as const;

function settingOf(
  schema: z.core.$ZodType,
  key: readonly string[],
  { source, help }: { source: SettingsSource; help: string | undefined },
): Setting {
  const { config, origins, layers } = source;
  const name = formatKeyPath(key);
  const value = valueAt(config, key);
  const inFile = (scope: ConfigLayer['scope']): unknown =>
    valueAt(layers.find((layer) => layer.scope === scope)?.value, key);
  const values = { builtIn: valueAt(BUILT_IN, key), global: inFile('global'), project: inFile('project') };
  const from = origins[name] ?? highest(values) ?? (value === undefined ? undefined : 'built-in');
  return {
    key,
    name,
    takes: takesOf(schema, namesFor(config, key)),
    ...present({ help, value, from, ...values }),
  };
}

/** Of a map, which has no origin of its own: the highest scope that says something in it. */
function highest(values: { builtIn: unknown; global: unknown; project: unknown }): ConfigScope | undefined {
  if (values.project !== undefined) return 'project';
  if (values.global !== undefined) return 'global';
  return values.builtIn === undefined ? undefined : 'built-in';
}

/** What may stand where a name is wanted. */
function namesFor(config: Config, key: readonly string[]): readonly string[] | undefined {
  const [first, , last] = key;
  if (first === 'agents' && last === 'provider') return Object.keys(config.providers);
  if (first === 'providers' && last === 'fallback') {
    return Object.keys(config.providers).filter((name) => name !== key[1]);
  }
  if (first !== 'defaults') return undefined;
  return key[1] === 'agent' ? Object.keys(config.agents) : Object.keys(config.workflows);
}

function takesOf(schema: z.core.$ZodType, names: readonly string[] | undefined): SettingKind {
  const { def } = schema._zod;
  switch (def.type) {
    case 'boolean':
      return { kind: 'flag' };
    case 'number': {
      const { minValue, maxValue, format } = schema as z.ZodNumber;
      return {
        kind: 'number',
        whole: format?.endsWith('int') === true,
        ...(minValue === null || !Number.isFinite(minValue) ? {} : { least: minValue }),
        ...(maxValue === null || !Number.isFinite(maxValue) ? {} : { most: maxValue }),
      };
    }
    case 'enum':
      return { kind: 'choice', options: Object.values((def as z.core.$ZodEnumDef).entries).map(String) };
    case 'array': {
      const element = takesOf(unwrap((def as z.core.$ZodArrayDef).element).inner, undefined);
      const options = names ?? (element.kind === 'choice' ? element.options : undefined);
      if (element.kind !== 'text' && element.kind !== 'choice') return { kind: 'json' };
      return { kind: 'list', ...(options === undefined ? {} : { options }) };
    }
    case 'string':
      return names === undefined ? { kind: 'text' } : { kind: 'choice', options: names };
    default:
      return { kind: 'json' };
  }
}

function unwrap(schema: z.core.$ZodType): { inner: z.core.$ZodType; help: string | undefined } {
  const help = (schema as z.ZodType).description;
  const { def } = schema._zod;
  if (def.type !== 'optional') return { inner: schema, help };
  const inner = unwrap((def as z.core.$ZodOptionalDef).innerType);
  return { inner: inner.inner, help: help ?? inner.help };
}

function valueAt(config: unknown, key: readonly string[]): unknown {
  let value: unknown = config;
  for (const part of key) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
