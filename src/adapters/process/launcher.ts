import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type {
  AgentProcess,
  Confiner,
  Launcher,
  LaunchSpec,
  ProcessExit,
  ResolvedProgram,
} from '../../core/agents/ports.ts';
import { crashPoint } from '../../core/crash-points.ts';
import type { ArgumentFiles } from './argument-files.ts';
import { writeFiles } from './argument-files.ts';
import { findOnPath } from './find-on-path.ts';
import { behindGate, interpreterOf } from './gate.ts';
import { identityOf } from './identity.ts';
import { ORCHESTRATOR_MARKER } from './marker.ts';
import { RunningProcess } from './running-process.ts';
import { cwdProblem, noInterpreter, notConfined, notFound, spawnFailed } from './spawn-error.ts';

/** In the environment of every program we start: which start it was. */
const LAUNCH_MARKER = 'CW_LAUNCH';

/** Starts programs of this machine, each as the leader of a process group and session of its own. */
export class ProcessLauncher implements Launcher {
  readonly #orchestrator: string;
  readonly #confiner: Confiner | undefined;

  /**
   * `orchestrator` is the instance id that a later `sweep` knows leftovers by. Without a `confiner`, a program that is
   * to be confined does not start.
   */
  constructor(options: { orchestrator: string; confiner?: Confiner }) {
    this.#orchestrator = options.orchestrator;
    this.#confiner = options.confiner;
  }

  async start(spec: LaunchSpec): Promise<AgentProcess> {
    if (spec.signal.aborted) return neverStarted({ kind: 'stopped', by: 'signal' });
    const { command } = spec;
    const problem = cwdProblem(spec.cwd);
    if (problem !== undefined) return neverStarted(problem);
    const program = findOnPath(command, spec.env, spec.cwd);
    if (program === undefined) return neverStarted(notFound(command));
    const interpreter = interpreterOf(program);
    if (interpreter !== undefined && !existsSync(interpreter)) return neverStarted(noInterpreter(command));

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
    let resolved: ResolvedProgram;
    try {
      const gated = behindGate({ program, args: files.args, env, cwd }, spec.limits);
      resolved = await this.#confine(gated, files, spec);
    } catch (error) {
      return notConfined(command, error);
    }
    // Preparing took a while.
    if (spec.signal.aborted) return { kind: 'stopped', by: 'signal' };
    let child: ChildProcessWithoutNullStreams;
    try {
      // Detached: the child leads its own group, so one signal reaches the shells that it started too.
      child = spawn(resolved.program, resolved.args, {
        cwd: resolved.cwd,
        env: resolved.env,
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      }) as ChildProcessWithoutNullStreams;
    } catch (error) {
      return spawnFailed(command, error);
    }
    if (child.pid === undefined) {
      const [error] = await once(child, 'error');
      return spawnFailed(command, error);
    }
    crashPoint('agent.spawned');
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

  async #confine(
    program: ResolvedProgram,
    { directory }: ArgumentFiles,
    { confinement }: LaunchSpec,
  ): Promise<ResolvedProgram> {
    if (confinement === undefined) return program;
    if (this.#confiner === undefined) throw new Error('nothing here can shut it in');
    const readable = directory === undefined ? [] : [directory];
    return await this.#confiner.confine(program, {
      ...confinement,
      readable: [...confinement.readable, ...readable],
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
