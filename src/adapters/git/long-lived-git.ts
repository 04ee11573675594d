import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { GitCall } from './git.ts';
import { cannotStart, spawnGit } from './git.ts';
import { gitFailed } from './git-error.ts';

/** Reads one answer from the start of `bytes`, or returns `undefined` while it is incomplete. */
type AnswerParser<T> = (bytes: Buffer) => { value: T; used: number } | undefined;

export type LongLivedCall = GitCall & {
  /** When a process has ended and was collected. */
  readonly onEnd?: (pid: number, how: { isKilled: boolean }) => void;
};

const NOTHING = Buffer.alloc(0);

/**
 * A git process that answers many questions, one after the other: starting git costs milliseconds, in which Node
 * does nothing else. Started at the first question and again when it has died. It ends with its standard input,
 * so also when this process is killed.
 */
export class LongLivedGit implements AsyncDisposable {
  readonly #call: LongLivedCall;
  readonly #maxQuestions: number;
  #child: ChildProcessWithoutNullStreams | undefined;
  #questions = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** After `maxQuestions` the process is replaced, so that what it caches does not grow without end. */
  constructor(call: LongLivedCall, options: { maxQuestions: number }) {
    this.#call = call;
    this.#maxQuestions = options.maxQuestions;
  }

  /** Throws `GitError` when the process refuses the question by ending. */
  ask<T>(question: string, parse: AnswerParser<T>): Promise<T> {
    const answer = this.#turn.then(() => this.#askNow(question, parse));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#end();
  }

  async #askNow<T>(question: string, parse: AnswerParser<T>): Promise<T> {
    if (this.#questions >= this.#maxQuestions) await this.#end();
    const child = this.#running();
    this.#questions += 1;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let bytes: Buffer = NOTHING;
    let stderr = '';
    const onData = (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const answer = parse(bytes);
      if (answer !== undefined) resolve(answer.value);
    };
    const onError = (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-4_096);
    };
    const verb = this.#call.args[0] ?? '';
    const onClose = (code: number | null) => reject(gitFailed(verb, code ?? undefined, stderr));
    const onFail = (error: Error) => reject(cannotStart(verb, error));
    child.stdout.on('data', onData);
    child.stderr.on('data', onError);
    child.once('close', onClose);
    child.once('error', onFail);
    child.stdin.write(question);
    try {
      return await promise;
    } catch (error) {
      this.#child = undefined;
      throw error;
    } finally {
      child.stdout.off('data', onData);
      child.stderr.off('data', onError);
      child.off('close', onClose);
      child.off('error', onFail);
    }
  }

  #running(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child;
    const child = spawnGit(this.#call);
    child.on('error', () => {});
    // Who cannot be asked never answers: its end is the answer then.
    child.stdin.once('error', () => child.kill('SIGKILL'));
    child.once('exit', (_, signal) => {
      if (this.#child === child) this.#child = undefined;
      if (child.pid !== undefined) this.#call.onEnd?.(child.pid, { isKilled: signal !== null });
    });
    this.#child = child;
    this.#questions = 0;
    return child;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.pid === undefined) return;
    child.stdin.end();
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'close');
  }
}
