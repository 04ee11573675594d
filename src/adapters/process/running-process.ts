import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import {
  type AgentProcess,
  AT_ONCE,
  type LaunchSpec,
  type OutputLine,
  type ProcessExit,
  type ProcessIdentity,
  type StoppingLimit,
} from '../../core/agents/ports.ts';
import { crashPoint } from '../../core/crash-points.ts';
import { exitOf } from './exit-of.ts';
import { Gate } from './gate.ts';
import { LineSplitter } from './line-splitter.ts';
import { OutputQueue } from './output-queue.ts';
import { type ResourceWatch, watchResources } from './resource-watch.ts';
import { ProcessTree } from './tree.ts';
import { Watchdog } from './watchdog.ts';

type Spec = LaunchSpec & {
  /** In the environment of everything that the program starts. */
  readonly marker: string;
  /** Called when the whole tree is gone. */
  readonly onGone: () => Promise<void>;
};

type Stop = { readonly by: 'signal' } | { readonly by: StoppingLimit; readonly measured: number };

/** A tree that takes too much of the machine is not asked to stop: meanwhile it would take more. */
const MERCILESS: readonly string[] = ['diskBytes', 'memoryBytes', 'processes'] satisfies StoppingLimit[];

/** Leftovers of a program that ended by itself get this long to end too. */
const LEFTOVER_GRACE_MS = 1_000;
/** Output that is still in the pipes when the whole tree is gone comes within this time. */
const DRAIN_MS = 250;

/** One started program: its output, its limits and its end. */
export class RunningProcess implements AgentProcess {
  readonly identity: ProcessIdentity;
  readonly exit: Promise<ProcessExit>;

  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gate: Gate;
  readonly #spec: Spec;
  readonly #tree: ProcessTree;
  readonly #queue: OutputQueue;
  readonly #watchdog: Watchdog;
  readonly #resources: ResourceWatch;
  readonly #onAbort = () => this.#stop({ by: 'signal' });
  #outputBytes = 0;
  #openStreams = 2;
  #prompted = false;
  #exited = false;
  #stopped: Stop | undefined;
  #stopping: Promise<void> | undefined;

  constructor(child: ChildProcessWithoutNullStreams, identity: ProcessIdentity, spec: Spec) {
    this.identity = identity;
    this.#child = child;
    this.#gate = new Gate(child.stdio);
    this.#spec = spec;
    this.#tree = new ProcessTree(identity, spec.marker, { confined: spec.confinement !== undefined });
    this.#watchdog = new Watchdog(spec.limits, (by) => this.#stop({ by, measured: spec.limits[by] }));
    this.#resources = watchResources({
      leader: identity,
      marker: spec.marker,
      cwd: spec.cwd,
      ...(spec.confinement === undefined ? {} : { confinement: spec.confinement }),
      limits: spec.limits,
      onExceed: (by, measured) => this.#exceeded({ by, measured }),
    });
    this.#queue = new OutputQueue({ onFull: () => this.#pause(), onRoom: () => this.#resume() });
    // A program that ends without reading its input breaks the pipe: no matter.
    child.stdin.on('error', () => {});
    child.on('error', () => {});
    this.#read('stdout');
    this.#read('stderr');
    this.exit = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve(this.#end(code, signal)));
    });
    spec.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  lines(): AsyncIterable<OutputLine> {
    if (!this.#prompted) {
      this.#prompted = true;
      this.#gate.open();
      const { stdin = '', keepInput = false } = this.#spec;
      if (keepInput) this.#child.stdin.write(stdin);
      else this.#child.stdin.end(stdin);
      crashPoint('agent.prompted');
    }
    return this.#queue;
  }

  async write(text: string): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin.writable || stdin.write(text)) return;
    await new Promise<void>((resolve) => {
      stdin.once('drain', resolve).once('close', resolve);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop({ by: 'signal' });
    await this.#queue.return();
    await this.exit;
  }

  #read(stream: 'stdout' | 'stderr'): void {
    const splitter = new LineSplitter(this.#spec.limits.lineBytes);
    const pipe = this.#child[stream];
    const put = (lines: ReturnType<LineSplitter['push']>) => {
      for (const line of lines) this.#queue.put({ stream, ...line });
    };
    pipe.on('data', (chunk: Buffer) => {
      this.#outputBytes += chunk.length;
      this.#watchdog.heard();
      // Beyond the limit we go on reading, so that the program can end, but keep nothing.
      if (this.#outputBytes > this.#spec.limits.outputBytes)
        this.#stop({ by: 'outputBytes', measured: this.#outputBytes });
      else put(splitter.push(chunk));
      release(chunk);
    });
    pipe.on('error', () => {});
    pipe.once('close', () => {
      put(splitter.end());
      this.#openStreams -= 1;
      if (this.#openStreams === 0) this.#queue.end();
    });
  }

  #pause(): void {
    this.#child.stdout.pause();
    this.#child.stderr.pause();
    this.#watchdog.pause();
  }

  #resume(): void {
    this.#child.stdout.resume();
    this.#child.stderr.resume();
    this.#watchdog.resume();
  }

  #stop(stop: Stop): void {
    if (this.#exited || this.#stopped !== undefined) return;
    this.#stopped = stop;
    this.#watchdog.stop();
    const mustNotWait = stop.by === 'signal' && this.#spec.signal.reason === AT_ONCE;
    this.#stopping =
      mustNotWait || MERCILESS.includes(stop.by) ? this.#killTree() : this.#stopInOrder(stop.by);
  }

  /** Also noticed when it is over: then it is the reason, and nothing is left to stop. */
  #exceeded(stop: Stop): void {
    if (this.#exited) this.#stopped ??= stop;
    else this.#stop(stop);
  }

  async #killTree(): Promise<void> {
    await this.#tree.kill();
  }

  async #stopInOrder(by: Stop['by']): Promise<void> {
    if (by !== 'outputBytes') await this.#spec.beforeStop?.();
    await this.#stopTree(this.#spec.limits.graceMs);
  }

  async #stopTree(graceMs: number): Promise<void> {
    const asked = this.#tree.signal('SIGTERM');
    // What shuts a program in is never asked, and may be all that is there yet.
    if (asked === 0 && this.#spec.confinement === undefined) return;
    if (asked === 0 || !(await this.#tree.gone(graceMs))) await this.#tree.kill();
  }

  async #end(code: number | null, signal: NodeJS.Signals | null): Promise<ProcessExit> {
    this.#exited = true;
    this.#gate.close();
    crashPoint('agent.exited');
    this.#watchdog.stop();
    this.#spec.signal.removeEventListener('abort', this.#onAbort);
    await (this.#stopping ?? this.#stopTree(Math.min(this.#spec.limits.graceMs, LEFTOVER_GRACE_MS)));
    const ended = exitOf({ code, signal }, { confined: this.#spec.confinement !== undefined });
    const failed = ended.kind !== 'exited' || ended.code !== 0;
    if (this.#stopped === undefined) await this.#resources.last({ failed });
    this.#resources.end();
    this.#drain();
    await this.#spec.onGone();
    if (this.#stopped === undefined) return ended;
    const how = ended.kind === 'exited' ? { code: ended.code } : { signal: ended.signal };
    if (this.#stopped.by === 'signal') return { kind: 'stopped', by: 'signal', ...how };
    return { kind: 'stopped', ...this.#stopped, allowed: this.#spec.limits[this.#stopped.by], ...how };
  }

  /** Ends the output even when a process that got away still holds the pipes open. */
  #drain(): void {
    for (const pipe of [this.#child.stdout, this.#child.stderr]) {
      if (pipe.closed) continue;
      const timer = setTimeout(() => {
        if (pipe.isPaused()) timer.refresh();
        else pipe.destroy();
      }, DRAIN_MS);
      pipe.on('data', () => timer.refresh());
      pipe.once('close', () => clearTimeout(timer));
    }
  }
}

/**
 * Gives the memory of a chunk back at once; its bytes were copied. Left to the garbage collector, a flood of output
 * raises the memory of this process by more than 60 MB.
 */
function release(chunk: Buffer): void {
  if (chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength)
    chunk.buffer.transfer(0);
}
