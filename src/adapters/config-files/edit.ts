import { editConfig } from '../../core/config/edit-config.ts';
import type { FileScope } from '../../core/config/ports.ts';
import { UsageError } from '../../core/errors.ts';
import { DiskConfigFiles } from './config-files.ts';
import type { ConfigPlaces } from './load.ts';

export interface ConfigEdit extends ConfigPlaces {
  readonly scope: FileScope;
  readonly keyPath: readonly string[];
}

/**
 * Sets one key in the file of one scope. Written only when the config as a whole is valid with it: otherwise
 * `ConfigInvalidError` and no change. Resolves to the file's path.
 */
export function setConfig(edit: ConfigEdit & { readonly value: unknown }): Promise<string> {
  return change(edit, edit.value);
}

/**
 * Removes one key from the file of one scope, and the maps that are empty without it; what the scope below says
 * then holds. Throws `UsageError` with code `CONFIG_NOT_SET` when the file does not have it.
 */
export function unsetConfig(edit: ConfigEdit): Promise<string> {
  return change(edit, null);
}

async function change({ scope, keyPath: key, ...places }: ConfigEdit, value: unknown): Promise<string> {
  if (scope === 'project' && places.root === undefined) {
    throw new UsageError('NO_PROJECT', 'There is no project here whose config could be changed.', {
      advice: 'Run it in a project, or change the global config.',
    });
  }
  const files = new DiskConfigFiles(async () => places);
  const texts = await files.read();
  for (const changed of editConfig(texts, [{ scope, key, value }])) {
    await files.write(changed, { before: changed.text, after: changed.after });
  }
  return (texts.find((each) => each.scope === scope) ?? texts[0])?.path ?? '';
}
