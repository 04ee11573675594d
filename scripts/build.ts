import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';

/** Files of `src/main` that are started as a process, or loaded by the launcher; the others are parts of them. */
const PROGRAMS = ['cw.ts', 'guardian.ts', 'demo/agent.ts'];

/** What every command needs; it loads as one file. */
const COMMON = 'cli/main.ts';

/**
 * Bundles `programs` of `<root>/src/main` into `<out>`, with what is imported late in files of its own, and
 * collects the licences of the packages that went in; beside it lies the text of `--help`. Returns the names of those packages. The old bundle stays in
 * place until the new one is whole.
 */
export async function buildBundle(
  root: string,
  out: string,
  programs: readonly string[] = PROGRAMS,
): Promise<readonly string[]> {
  const next = `${out}.${process.pid}.next`;
  const inputs = new Set<string>();
  for (const program of programs) {
    for (const input of await bundle(root, next, program)) inputs.add(input);
  }
  const packages = packagesOf(inputs);
  await writeFile(join(next, 'THIRD_PARTY_LICENSES'), await licences(root, packages));
  const help = await helpText(root);
  if (help !== undefined) await writeFile(join(next, 'help.txt'), help);
  await replace(out, next);
  return packages;
}

/**
 * The bundler makes a file of its own for every set of late parts that share something, and each file costs at the
 * start. A late part is never loaded before the `common` one: telling the bundler so puts all that is common into
 * one file.
 */
function oneFileForCommonParts(common: string): Plugin {
  return {
    name: 'one-file-for-common-parts',
    setup({ onResolve, onLoad }) {
      if (!existsSync(common)) return;
      onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' ? { path: join(resolveDir, path), namespace: 'late' } : undefined,
      );
      onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
        contents: `import ${JSON.stringify(common)};export * from ${JSON.stringify(path)};`,
        resolveDir: dirname(path),
      }));
    },
  };
}

/** Bundles one program with its late parts and returns the paths of the files that went in. */
async function bundle(root: string, out: string, program: string): Promise<readonly string[]> {
  const main = join(root, 'src', 'main');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(main, program)],
    outbase: main,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    // Beside the programs, so that a path relative to `import.meta.url` means the same in every file.
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Asked for by pg at run time and only when installed.
    external: ['pg-native'],
    plugins: [oneFileForCommonParts(join(main, COMMON))],
    // Bundled CommonJS packages still require Node's own modules.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  );
}

async function replace(directory: string, next: string): Promise<void> {
  const old = `${directory}.${process.pid}.old`;
  await rename(directory, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(next, directory);
  await rm(old, { recursive: true, force: true });
}

/** What `cw --help` prints, so that the launcher can print it and load nothing. */
async function helpText(root: string): Promise<string | undefined> {
  const path = join(root, 'src', 'surfaces', 'cli', 'program.ts');
  if (!existsSync(path)) return undefined;
  const { overviewText } = (await import(
    pathToFileURL(path).href
  )) as typeof import('../src/surfaces/cli/program.ts');
  const text = overviewText(80);
  if (text !== overviewText(1_000)) throw new Error('The help text does not fit into 80 columns');
  return text;
}

function packagesOf(inputs: Iterable<string>): readonly string[] {
  const names = new Set<string>();
  for (const input of inputs) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input)?.[1];
    if (name !== undefined) names.add(name);
  }
  return [...names].sort();
}

async function licences(root: string, packages: readonly string[]): Promise<string> {
  const texts = await Promise.all(packages.map((name) => licence(root, name)));
  return `Codewalk's bundle contains the packages below, each under its own licence.\n\n${texts.join('\n')}`;
}

async function licence(root: string, name: string): Promise<string> {
  const directory = join(root, 'node_modules', name);
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    version: string;
    license?: string;
  };
  const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && manifest.license === undefined) {
    throw new Error(`${name}@${manifest.version} is bundled but names no licence: do not ship it`);
  }
  const text = file === undefined ? '' : `\n${(await readFile(join(directory, file), 'utf8')).trim()}\n`;
  return `── ${name} ${manifest.version} (${manifest.license ?? 'see text'})\n${text}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: { root: { type: 'string', default: '.' }, out: { type: 'string', default: 'dist' } },
  });
  const out = resolve(values.root, values.out);
  const startedAt = performance.now();
  const packages = await buildBundle(resolve(values.root), out);
  const took = Math.round(performance.now() - startedAt);
  console.log(`built ${relative(dirname(out), out)} with ${packages.length} packages in ${took} ms`);
}
