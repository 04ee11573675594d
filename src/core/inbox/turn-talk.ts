import type { Question } from '../agents/outcome.ts';
import type { Journal } from '../attempts/journal.ts';
import type { Config } from '../config/schema.ts';
import { crashPoint } from '../crash-points.ts';
import type { Slots } from '../dispatch/slots.ts';
import type { AgentMessage, AgentTalk, AskOutcome, DoorFor, GivenAnswer } from '../door/ports.ts';
import { UsageError } from '../errors.ts';
import type { QuestionStage } from '../events/event.ts';
import type { Clock, Ids } from '../ports.ts';
import type { MessageRecord } from '../tasks/message.ts';
import type { Store } from '../tasks/ports.ts';
import type { QuestionRecord } from '../tasks/task.ts';
import { awaitAnswers } from './await-answers.ts';
import { type NamedQuestion, nameApart } from './name-apart.ts';
import { sendMessage } from './send-message.ts';
import { stageOf } from './stage.ts';

/** An agent that was told that the answer comes later may tidy up for so long; then it is stopped. */
const LEAVING_MS = 30_000;
/** More than an agent can have thought about. */
const MOST_QUESTIONS = 50;

export interface TalkParts {
  readonly store: Pick<Store, 'questions' | 'onChange' | 'messages' | 'readMessages' | 'send' | 'task'>;
  readonly journal: Pick<Journal, 'commit'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly slots: Slots;
  readonly config: Pick<Config, 'questions'>;
  readonly turn: DoorFor;
  /** Messages that are in the prompt of this turn. */
  readonly prompted: ReadonlySet<string>;
}

/** What the agent of one turn asks and tells others while it works. Dispose it when the turn is over. */
export class TurnTalk implements AgentTalk, Disposable {
  readonly #parts: TalkParts;
  readonly #over = new AbortController();
  readonly #leaving = new AbortController();
  /** By the id in the task; those that the agent was told the answer of are not in it. */
  readonly #asked = new Map<string, Question>();
  readonly #told = new Set<string>();
  #isLater = false;
  #count = 0;
  /** Calls of one turn come at once: each question gets its id before the next is looked at. */
  #naming: Promise<unknown> = Promise.resolve();

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  /** Aborts when the agent was told to end its turn and does not. */
  get leave(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Was it told to end its turn, because an answer comes later? */
  get isLater(): boolean {
    return this.#isLater;
  }

  /** What it asked and was not told the answer of, by the ids in the task. */
  get untold(): readonly Question[] {
    return [...this.#asked.values()];
  }

  /** Ids of the questions that it was told the answers of. */
  get told(): readonly string[] {
    return [...this.#told];
  }

  async ask(questions: readonly Question[], signal: AbortSignal): Promise<AskOutcome> {
    const { store, clock, slots, config, turn } = this.#parts;
    const naming = this.#naming.then(() => this.#record(questions));
    this.#naming = naming.catch(() => undefined);
    const named = await naming;
    crashPoint('question.asked');
    const ids = named.map(({ id }) => id);
    using _lent = slots.lend();
    const records = await awaitAnswers(
      { store, clock },
      {
        task: turn.task,
        ids,
        waitMs: config.questions.waitMs,
        signal: AbortSignal.any([signal, this.#over.signal]),
      },
    );
    // The call was cut off: nobody hears what comes of it.
    if (signal.aborted) return { kind: 'later', waiting: questions.map(({ id }) => id), answers: [] };
    return this.#outcome(named, records);
  }

  async messages(): Promise<readonly AgentMessage[]> {
    const { store, prompted } = this.#parts;
    const unread = await store.messages({ unreadBy: this.#address });
    const wanted = unread.filter(({ id }) => !prompted.has(id)).map(({ id }) => id);
    return wanted.length === 0 ? [] : (await store.readMessages(this.#address, wanted)).map(asAgentMessage);
  }

  async send(message: Parameters<AgentTalk['send']>[0]): Promise<{ readonly id: string }> {
    const { id } = await sendMessage(this.#parts, { from: this.#address, ...message });
    return { id };
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  get #address(): string {
    return `task:${this.#parts.turn.task}`;
  }

  /** Writes down what is new of it. */
  async #record(questions: readonly Question[]): Promise<readonly NamedQuestion[]> {
    const { store, journal, config, turn } = this.#parts;
    const { task, attempt, step, role } = turn;
    this.#count += questions.length;
    if (this.#count > MOST_QUESTIONS) {
      throw new UsageError('TOO_MANY_QUESTIONS', `More than ${MOST_QUESTIONS} questions in one turn`, {
        advice: 'Decide yourself, and say in your summary what you decided.',
      });
    }
    const known = await store.questions({ task });
    const named = nameApart(questions, known);
    const fresh = named.filter(({ isNew }) => isNew).map(({ own, id }) => ({ ...own, id }));
    for (const stage of ['orchestrator', 'person'] satisfies QuestionStage[]) {
      const ofStage = fresh.filter((each) => stageOf(each, { config, role, known }) === stage);
      if (ofStage.length === 0) continue;
      await journal.commit({ type: 'question.asked', task, attempt, step, questions: ofStage, stage });
    }
    for (const { own, id } of named) this.#asked.set(id, { ...own, id });
    return named;
  }

  #outcome(named: readonly NamedQuestion[], records: readonly QuestionRecord[]): AskOutcome {
    const answers: GivenAnswer[] = [];
    const waiting: string[] = [];
    named.forEach(({ own, id }, index) => {
      const record = records[index];
      if (record === undefined || record.state === 'open') {
        waiting.push(own.id);
        return;
      }
      this.#told.add(id);
      this.#asked.delete(id);
      answers.push({
        id: own.id,
        question: own.question,
        answer: record.answer,
        by: record.answeredBy ?? '',
      });
    });
    if (waiting.length === 0) return { kind: 'answered', answers };
    this.#isLater = true;
    this.#stopLater();
    return { kind: 'later', waiting, answers };
  }

  #stopLater(): void {
    const over = this.#over.signal;
    void this.#parts.clock.sleep(LEAVING_MS, over).then(() => {
      if (!over.aborted) this.#leaving.abort();
    });
  }
}

function asAgentMessage({ id, from, text, sentAt, replyTo, file, line }: MessageRecord): AgentMessage {
  return {
    ...{ id, from, text, sentAt },
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}
