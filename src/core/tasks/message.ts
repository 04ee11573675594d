/**
 * What agents, people and the orchestrator agent say to each other. `from` is `person`, `orchestrator`, `task:<id>` or
 * `client:<name>`; `to` is one of the first three, or `everyone`. A task that is renamed takes its messages along.
 */
export interface NewMessage {
  /** Made by the sender, so that sending again after a crash sends once. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Id of the message that it answers. */
  readonly replyTo?: string;
  /** The place in a task's work that it is about. */
  readonly file?: string;
  readonly line?: number;
}

/** A message as the store holds it. Times are epoch ms on the database's clock. */
export interface MessageRecord extends NewMessage {
  readonly sentAt: number;
  /** Who has read it; of one to everyone each reader. */
  readonly reads: readonly { readonly by: string; readonly at: number }[];
}
