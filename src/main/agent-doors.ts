import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateDirectory, removeStaleFiles } from '../adapters/process/argument-files.ts';
import type { Config } from '../core/config/schema.ts';
import { type AgentProgram, SocketDoors } from '../surfaces/door/socket-doors.ts';
import { programDirectory } from './cli/version.ts';

/** The path of a socket has room for 107 bytes, on macOS for 103 (unix(7)); what we put behind it takes this much. */
const LONGEST_PARENT = 45;

/** The way of the agents of this process, by this very program. */
export function agentDoors(options: { config: Config; onNotice: (message: string) => void }): SocketDoors {
  const { config, onNotice } = options;
  return new SocketDoors({
    directory: async () => {
      const place = shortPlace();
      // The usual one is cleared up at every start.
      if (place !== tmpdir()) await removeStaleFiles(place);
      return realpathSync(await privateDirectory(place));
    },
    program: agentProgram(),
    waitMs: config.questions.waitMs,
    onNotice,
  });
}

function shortPlace(): string {
  return tmpdir().length <= LONGEST_PARENT ? tmpdir() : '/tmp';
}

/** This program on its own Node. In a source checkout it needs more of it, and not what people work on there. */
function agentProgram(): AgentProgram {
  const root = realpathSync(programDirectory());
  const node = realpathSync(process.execPath);
  const parts = ['bin', 'dist', 'src', 'package.json', 'node_modules'].map((name) => join(root, name));
  const isCheckout = existsSync(join(root, 'src', 'main', 'cw.ts'));
  const readable = isCheckout ? parts.filter((path) => existsSync(path)) : [root];
  return { command: [node, join(root, 'bin', 'cw.mjs')], readable: [node, ...readable] };
}
