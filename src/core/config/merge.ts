import { formatKeyPath } from './key-path.ts';
import type { ConfigFile, ConfigScope } from './schema.ts';

/** Where each setting in force came from, by its key path; a list is one setting. */
export type ConfigOrigins = Readonly<Record<string, ConfigScope>>;

export interface MergedConfig {
  readonly value: ConfigFile;
  readonly origins: ConfigOrigins;
}

/**
 * Lays config files over each other, the first lowest:
 * - a map (providers, agents, workflows, one provider, its env, …) merges per key, so that a file names only
 *   what it changes;
 * - a single value replaces the one below;
 * - a list (args, tools, steps) replaces the one below as a whole: order has a meaning in each of them.
 */
export function mergeConfig(layers: readonly { scope: ConfigScope; value: ConfigFile }[]): MergedConfig {
  const origins = new Map<string, ConfigScope>();
  let value: Branch = {};
  for (const layer of layers)
    value = lay(value, layer.value as Branch, { scope: layer.scope, origins, path: [] });
  return { value: value as ConfigFile, origins: Object.fromEntries(origins) };
}

type Branch = { readonly [key: string]: unknown };

interface Laying {
  readonly scope: ConfigScope;
  readonly origins: Map<string, ConfigScope>;
  readonly path: readonly string[];
}

function lay(below: Branch, above: Branch, laying: Laying): Branch {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const inner = { ...laying, path: [...laying.path, key] };
    const before = merged.get(key);
    if (isMap(value)) merged.set(key, lay(isMap(before) ? before : {}, value, inner));
    else {
      merged.set(key, value);
      laying.origins.set(formatKeyPath(inner.path), laying.scope);
    }
  }
  return Object.fromEntries(merged);
}

function isMap(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
