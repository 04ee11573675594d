import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedCw } from '../support/installed-cw.ts';
import { Tmux, type TmuxOptions } from '../support/tmux.ts';
import type { E2eProject } from './project.ts';

/** A shell in which `cw` is known, in a terminal of its own. */
export async function shell(project: E2eProject, options: Partial<TmuxOptions> = {}): Promise<Tmux> {
  const bin = join(project.directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const launcher = join(bin, 'cw');
  writeFileSync(launcher, `#!/bin/sh\nexec '${process.execPath}' '${await installedCw()}' "$@"\n`);
  chmodSync(launcher, 0o755);
  const { env, ...rest } = options;
  return new Tmux({
    cwd: project.repo.root,
    home: project.home,
    env: { PATH: `${bin}:${process.env['PATH']}`, ...env },
    ...rest,
  });
}
