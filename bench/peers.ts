import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Dag } from './dag.ts';

/** A build tool that runs the same DAG of `true` commands with two jobs. */
export interface Peer {
  readonly name: string;
  /** Writes its input into `dir` and returns the command that runs it. */
  prepare(dag: Dag, dir: string): { argv: readonly string[]; env?: Record<string, string> };
}

const require = createRequire(import.meta.url);

export const ninja: Peer = {
  name: 'ninja -j2',
  prepare: (dag, dir) => {
    const builds = dag.needs.map(
      (needs, index) => `build t${index}: noop ${needs.map((need) => `t${need}`).join(' ')}`,
    );
    writeFileSync(join(dir, 'build.ninja'), `rule noop\n  command = true\n${builds.join('\n')}\n`);
    return { argv: ['ninja', '-j2', '--quiet'] };
  },
};

export const make: Peer = {
  name: 'make -j2',
  prepare: (dag, dir) => {
    const names = dag.needs.map((_, index) => `t${index}`);
    const rules = dag.needs.map(
      (needs, index) => `t${index}: ${needs.map((need) => `t${need}`).join(' ')}\n\t@true\n`,
    );
    writeFileSync(
      join(dir, 'Makefile'),
      `.PHONY: all ${names.join(' ')}\nall: ${names.join(' ')}\n${rules.join('')}`,
    );
    return { argv: ['make', '-j2', '-s', 'all'] };
  },
};

export const wireit: Peer = {
  name: 'wireit (2 workers)',
  prepare: (dag, dir) => {
    const scripts: Record<string, string> = { all: 'wireit' };
    const settings: Record<string, object> = {
      all: { dependencies: dag.needs.map((_, index) => `t${index}`) },
    };
    for (const [index, needs] of dag.needs.entries()) {
      scripts[`t${index}`] = 'wireit';
      settings[`t${index}`] = { command: 'true', dependencies: needs.map((need) => `t${need}`) };
    }
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'bench', scripts, wireit: settings }));
    const bin = join(dirname(require.resolve('wireit/package.json')), 'bin', 'wireit.js');
    return {
      argv: [process.execPath, bin],
      // What npm sets for the script that it runs: wireit finds out from it what to do.
      env: {
        npm_lifecycle_event: 'all',
        npm_package_json: join(dir, 'package.json'),
        npm_config_user_agent: 'npm/11.0.0 node/v26.0.0 linux x64 workspaces/false',
        WIREIT_PARALLEL: '2',
        WIREIT_CACHE: 'none',
        WIREIT_LOGGER: 'quiet',
      },
    };
  },
};

/** Runs a peer once and returns the wall time in milliseconds. Throws when it failed. */
export function timePeer(peer: Peer, dag: Dag, dir: string): number {
  mkdirSync(dir, { recursive: true });
  const { argv, env } = peer.prepare(dag, dir);
  const [command = '', ...args] = argv;
  const begin = performance.now();
  const result = spawnSync(command, args, { cwd: dir, env: { ...process.env, ...env }, encoding: 'utf8' });
  const took = performance.now() - begin;
  if (result.status !== 0) throw new Error(`${peer.name} failed: ${result.stderr}${result.stdout}`);
  return took;
}
