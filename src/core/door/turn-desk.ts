import type { AgentResult, Question } from '../agents/outcome.ts';
import type { AgentSpec } from '../agents/ports.ts';
import type { Journal } from '../attempts/journal.ts';
import { UsageError } from '../errors.ts';
import type { Store } from '../tasks/ports.ts';
import type {
  AgentDesk,
  AgentMessage,
  AgentTalk,
  AskOutcome,
  DoorFor,
  PlanLine,
  TaskBrief,
} from './ports.ts';

/** An agent that reports in a loop fills the log of everybody. */
const MOST_REPORTS = 1_000;

interface Parts {
  readonly store: Pick<Store, 'task' | 'tasks' | 'predecessors'>;
  readonly journal: Pick<Journal, 'commit'>;
  readonly turn: DoorFor;
  readonly agent: Pick<AgentSpec, 'role' | 'verdict'>;
  readonly branch: string;
  readonly talk: AgentTalk;
}

/** Answers the agent of one turn. What it tells is kept here until the turn is over and judged. */
export class TurnDesk implements AgentDesk {
  readonly #parts: Parts;
  #reports = 0;
  #result: AgentResult | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What the agent reported as the result of its turn; it counts more than what it prints. */
  get reported(): AgentResult | undefined {
    return this.#result;
  }

  async task(): Promise<TaskBrief> {
    const { store, turn, branch } = this.#parts;
    const [task, predecessors] = await Promise.all([store.task(turn.task), store.predecessors(turn.task)]);
    if (task === undefined) {
      throw new UsageError('UNKNOWN_TASK', `The task ${turn.task} is no longer in the plan`, {
        advice: 'End your turn: its work is kept.',
      });
    }
    const { attempt, step, role } = turn;
    return { definition: task.definition, attempt, step, role, branch, predecessors };
  }

  async plan(): Promise<readonly PlanLine[]> {
    return (await this.#parts.store.tasks()).map(({ id, state, definition, summary }) => ({
      id,
      title: definition.title,
      state,
      dependsOn: definition.dependsOn,
      files: definition.files,
      ...(summary === undefined ? {} : { summary }),
    }));
  }

  async ask(questions: readonly Question[], signal: AbortSignal): Promise<AskOutcome> {
    return await this.#parts.talk.ask(questions, signal);
  }

  messages(): Promise<readonly AgentMessage[]> {
    return this.#parts.talk.messages();
  }

  send(message: Parameters<AgentDesk['send']>[0]): Promise<{ readonly id: string }> {
    return this.#parts.talk.send(message);
  }

  async report(progress: { text: string; percent?: number }): Promise<void> {
    this.#reports += 1;
    if (this.#reports > MOST_REPORTS) {
      throw new UsageError('TOO_MANY_REPORTS', `More than ${MOST_REPORTS} reports in one turn`, {
        advice: 'Go on without reporting.',
      });
    }
    const { task, attempt, step } = this.#parts.turn;
    await this.#parts.journal.commit({ type: 'agent.reported', task, attempt, step, ...progress });
  }

  async result(result: AgentResult): Promise<void> {
    const { agent } = this.#parts;
    if (result.status === 'rejected' && !agent.verdict) {
      throw new UsageError('NOT_A_REVIEWER', `${agent.role} answered "rejected", but it does not review`, {
        advice: 'Report done, questions or error.',
      });
    }
    this.#result = result;
  }
}
