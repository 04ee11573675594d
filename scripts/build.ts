import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Metafile } from 'esbuild';

/** Files of `src/main` that are started as a process; the others are parts of them. */
const PROGRAMS = ['cw.ts', 'demo/agent.ts'];

/**
 * Bundles `programs` of `<root>/src/main` into `<out>`, with what is imported late in files of its own, and
 * collects the licences of the packages that went in. Returns the names of those packages. The old bundle stays in
 * place until the new one is whole.
 */
export async function buildBundle(
  root: string,
  out: string,
  programs: readonly string[] = PROGRAMS,
): Promise<readonly string[]> {
  const next = `${out}.${process.pid}.next`;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs.map((name) => join(root, 'src', 'main', name)),
    outbase: join(root, 'src', 'main'),
    outdir: next,
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
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Asked for by pg at run time and only when installed.
    external: ['pg-native'],
    // Bundled CommonJS packages still require Node's own modules.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const packages = bundledPackages(metafile);
  await writeFile(join(next, 'THIRD_PARTY_LICENSES'), await licences(root, packages));
  await replace(out, next);
  return packages;
}

async function replace(directory: string, next: string): Promise<void> {
  const old = `${directory}.${process.pid}.old`;
  await rename(directory, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(next, directory);
  await rm(old, { recursive: true, force: true });
}

function bundledPackages({ outputs }: Metafile): readonly string[] {
  const names = new Set<string>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input)?.[1];
      if (name !== undefined && bytesInOutput > 0) names.add(name);
    }
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
