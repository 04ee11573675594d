import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AgentProcess, Launcher, LaunchSpec, ProcessExit } from '../../core/agents/ports.ts';
import type { ArgumentFiles } from './argument-files.ts';
import { writeFiles } from './argument-files.ts';
import { findOnPath } from './find-on-path.ts';
import { identityOf } from './identity.ts';
import { RunningProcess } from './running-process.ts';
import { cwdProblem, notFound, spawnFailed } from './spawn-error.ts';

/** In the environment of every program we start: which orchestrator did, and which start it was. */
export const ORCHESTRATOR_MARKER = 'CW_ORCHESTRATOR';
const LAUNCH_MARKER = 'CW_LAUNCH';

/** Starts programs of this machine, each as the leader of a process group and session of its own. */
export class ProcessLauncher implements Launcher {
  readonly #orchestrator: string;

  /** `orchestrator` is the instance id that a later `sweep` knows leftovers by. */
  constructor(options: { orchestrator: string }) {
    this.#orchestrator = options.orchestrator;
  }

  async start(spec: LaunchSpec): Promise<AgentProcess> {
    if (spec.signal.aborted) return neverStarted({ kind: 'stopped', by: 'signal' });
    const { command } = spec;
    const problem = cwdProblem(spec.cwd);
    if (problem !== undefined) return neverStarted(problem);
    const program = findOnPath(command, spec.env, spec.cwd);
    if (program === undefined) return neverStarted(notFound(command));

    let files: ArgumentFiles;
    try {
      files = await writeFiles(spec.args);
    } catch (error) {
      return neverStarted(spawnFailed(command, error));
    }
    const running = await this.#spawn(program, files, spec);
    if (!(running instanceof RunningProcess)) {
      await files.remove();
      return neverStarted(running);
    }
    return running;
  }

  async #spawn(
    program: string,
    files: ArgumentFiles,
    spec: LaunchSpec,
  ): Promise<RunningProcess | ProcessExit> {
    const { command, cwd } = spec;
    const launch = randomUUID();
    // Ours last: inside an agent of another Codewalk, its markers are in the environment already.
    const env = { ...spec.env, [ORCHESTRATOR_MARKER]: this.#orchestrator, [LAUNCH_MARKER]: launch };
    let child: ChildProcessWithoutNullStreams;
    try {
      // Detached: the child leads its own group, so one signal reaches the shells that it started too.
      child = spawn(program, files.args, { cwd, env, detached: true, stdio: 'pipe' });
    } catch (error) {
      return spawnFailed(command, error);
    }
    if (child.pid === undefined) {
      const [error] = await once(child, 'error');
      return spawnFailed(command, error);
    }
    // Read before the event loop can collect the child, so that even one that ended at once is still there.
    const identity = identityOf(child.pid);
    if (identity === undefined) {
      child.kill('SIGKILL');
      return spawnFailed(command, new Error('its process cannot be seen in the process table'));
    }
    return new RunningProcess(child, identity, {
      ...spec,
      marker: `${LAUNCH_MARKER}=${launch}`,
      onGone: () => files.remove(),
    });
  }
}

/** A process that ended before it began. */
function neverStarted(exit: ProcessExit): AgentProcess {
  return {
    identity: undefined,
    exit: Promise.resolve(exit),
    async *lines() {},
    async write() {},
    async [Symbol.asyncDispose]() {},
  };
}
