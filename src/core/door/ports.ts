import type { AgentResult, Question } from '../agents/outcome.ts';
import type { Confinement, McpServer } from '../agents/ports.ts';
import type { TaskId } from '../ids.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import type { TaskState } from '../tasks/states.ts';

/** What an agent at work may ask of its orchestrator, and tell it. One for each turn; it ends with the turn. */
export interface AgentDesk {
  /** The task as it stands now: a person may have edited it since the prompt. */
  task(): Promise<TaskBrief>;
  /** All tasks of the plan in roadmap order, so that an agent sees where its own stands. */
  plan(): Promise<readonly PlanLine[]>;
  /**
   * Resolves when every question is answered or withdrawn, or with `later` when the asker is to end its turn, because
   * the answer takes longer than it may keep its slot. Nobody else waits meanwhile.
   */
  ask(questions: readonly Question[], signal: AbortSignal): Promise<AskOutcome>;
  /** What was sent to the task, or to everyone, and was not read yet, oldest first. It counts as read then. */
  messages(): Promise<readonly AgentMessage[]>;
  /** `to`: a task's id, `orchestrator`, `person` or `everyone`. Throws `UsageError` for anybody else. */
  send(message: { to: string; text: string; replyTo?: string }): Promise<{ readonly id: string }>;
  report(progress: { text: string; percent?: number }): Promise<void>;
  /** How the turn ends, in the place of what the agent prints last. The last one counts. */
  result(result: AgentResult): Promise<void>;
}

/** Questions and messages of an agent at work, which others answer. */
export type AgentTalk = Pick<AgentDesk, 'ask' | 'messages' | 'send'>;

export interface TaskBrief {
  readonly definition: TaskDefinition;
  readonly attempt: number;
  readonly step: number;
  readonly role: string;
  readonly branch: string;
  readonly predecessors: readonly { readonly id: TaskId; readonly title: string; readonly summary: string }[];
}

export interface PlanLine {
  readonly id: TaskId;
  readonly title: string;
  readonly state: TaskState;
  readonly dependsOn: readonly string[];
  readonly files: readonly string[];
  readonly summary?: string;
}

export type AskOutcome =
  | { kind: 'answered'; answers: readonly GivenAnswer[] }
  /** `waiting`: ids of the questions that are still open. */
  | { kind: 'later'; waiting: readonly string[]; answers: readonly GivenAnswer[] };

/** `answer` is absent when the question was withdrawn: the asker decides by itself. */
export interface GivenAnswer {
  readonly id: string;
  readonly question: string;
  readonly answer: string | undefined;
  readonly by: string;
}

export interface AgentMessage {
  readonly id: string;
  /** `person`, `orchestrator`, `task:<id>`, `client:<name>`. */
  readonly from: string;
  readonly text: string;
  /** Epoch ms. */
  readonly sentAt: number;
  readonly replyTo?: string;
  /** The place in the work that it is about. */
  readonly file?: string;
  readonly line?: number;
}

/** Whose turn it is. */
export interface DoorFor {
  readonly task: TaskId;
  readonly attempt: number;
  readonly step: number;
  readonly role: string;
}

/** Lets agents reach their orchestrator, each by a token of its own that ends with its turn. */
export interface AgentDoors {
  /** Opens the way of one turn's agent to `desk`. Never throws: without a way the agent works as before. */
  open(turn: DoorFor, desk: AgentDesk): Promise<OpenDoor>;
}

/** What an agent's process is given to find its door. Disposing shuts it. */
export interface OpenDoor extends AsyncDisposable {
  /** Variables, with the token among them; `PATH` is what is put before its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly mcp: readonly McpServer[];
  /** What a confined agent has to see of the machine for that. */
  readonly readable: readonly string[];
  readonly mounts: Confinement['mounts'];
}
