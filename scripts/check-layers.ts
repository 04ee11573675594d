import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config from '../.dependency-cruiser.mjs';

/** One import that breaks a rule, or a file that the cruiser did not see. */
export interface LayerViolation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

const forbidden = config.forbidden ?? [];

/** Follows every import below `root` and returns what breaks the rules of `.dependency-cruiser.mjs`. */
export async function layerViolations(root: string): Promise<readonly LayerViolation[]> {
  const folders = ['src', 'test', 'bench', 'chaos', 'sim', 'scripts'].filter((folder) =>
    existsSync(resolve(root, folder)),
  );
  const options: ICruiseOptions = {
    ...config.options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden },
  };
  const tsConfig = extractTSConfig(resolve(import.meta.dirname, '..', 'tsconfig.json'));
  const { output } = await cruise(folders, options, undefined, { tsConfig });
  const result = output as ICruiseResult;
  const broken = result.summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
    reason: forbidden.find(({ name }) => name === rule.name)?.comment ?? '',
  }));
  return [...broken, ...unseen(await sources(root), result)];
}

/**
 * A cruiser without a working parser finds nothing and is content. So each source file on disk must be among
 * those it looked at.
 */
export function unseen(files: readonly string[], result: ICruiseResult): readonly LayerViolation[] {
  const seen = new Set(result.modules.map(({ source }) => source));
  return files
    .filter((file) => !seen.has(file))
    .map((from) => ({ rule: 'every-file-is-seen', from, to: '', reason: 'The checker did not look at it.' }));
}

async function sources(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: root })) files.push(file.split(sep).join('/'));
  return files;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(process.argv[2] ?? '.');
  const violations = await layerViolations(root);
  for (const { rule, from, to, reason } of violations) {
    console.error(`${rule}: ${from}${to === '' ? '' : ` → ${to}`}\n    ${reason}`);
  }
  const count = (await sources(root)).length;
  console.log(
    `layers: ${count} source files in ${relative('.', root) || '.'}, ${violations.length} violations`,
  );
  if (violations.length > 0 || count === 0) process.exitCode = 1;
}
