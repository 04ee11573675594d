import { UsageError } from '../errors.ts';
import { unifiedDiff } from '../source/unified-diff.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** What the config files say, and changing them. What it takes to check one is loaded when it is asked for. */
export function settingsOperations({
  configFiles: files,
}: Pick<ProjectParts, 'configFiles'>): Pick<ProjectApi, 'settings' | 'changeSettings'> {
  return {
    settings: async () => {
      const { readSettings } = await import('../config/settings.ts');
      const texts = await files.read();
      return {
        settings: readSettings(texts),
        files: texts.map(({ scope, path, text }) => ({ scope, path, exists: text !== undefined })),
      };
    },
    changeSettings: async ({ changes, dryRun = false, shown }) => {
      const { editConfig } = await import('../config/edit-config.ts');
      const changed = editConfig(await files.read(), changes);
      const written = changed.map(({ scope, path, text = '', after }) => ({
        scope,
        path,
        diff: unifiedDiff(`${scope}/config.json`, text, after),
      }));
      if (dryRun) return { files: written };
      if (shown !== undefined && shown.join() !== written.map(({ diff }) => diff).join()) {
        throw new UsageError('CONFIG_CHANGED', 'A config file was changed since this was shown.', {
          advice: 'Nothing was written. Look at what would be written now.',
        });
      }
      for (const { scope, path, text: before, after } of changed) {
        await files.write({ scope, path }, { before, after });
      }
      return { files: written };
    },
  };
}
