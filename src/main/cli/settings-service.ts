import type { FileScope, LoadedSettings, SettingsService } from '../../surfaces/cli/context.ts';

/** The config files of this person and this project. */
export class LocalSettings implements SettingsService {
  readonly #loaded: () => Promise<LoadedSettings>;
  readonly #root: () => Promise<string>;

  constructor(parts: { loaded: () => Promise<LoadedSettings>; root: () => Promise<string> }) {
    this.#loaded = parts.loaded;
    this.#root = parts.root;
  }

  load(): Promise<LoadedSettings> {
    return this.#loaded();
  }

  async set(scope: FileScope, keyPath: readonly string[], value: unknown): Promise<string> {
    const { setConfig } = await import('../../adapters/config-files/edit.ts');
    return await setConfig({ root: await this.#place(scope), scope, keyPath, value });
  }

  async unset(scope: FileScope, keyPath: readonly string[]): Promise<string> {
    const { unsetConfig } = await import('../../adapters/config-files/edit.ts');
    return await unsetConfig({ root: await this.#place(scope), scope, keyPath });
  }

  /** The global file can be changed from anywhere. */
  async #place(scope: FileScope): Promise<string | undefined> {
    return scope === 'project' ? await this.#root() : await this.#root().catch(() => undefined);
  }
}
