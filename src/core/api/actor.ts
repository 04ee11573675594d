import type { TaskId } from '../ids.ts';

/** Each may do what the ones before it may. */
export const PERSON_ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** Who acts: decides what may be done, and is written into the events. */
export type Actor =
  | { readonly kind: 'person'; readonly name: string; readonly role: PersonRole }
  | {
      readonly kind: 'agent';
      readonly task: TaskId;
      readonly attempt: number;
      readonly step: number;
      /** What it is in the config, such as `coder`. */
      readonly role: string;
    }
  /** Another program, by the name of its token. */
  | {
      readonly kind: 'client';
      readonly name: string;
      readonly role: PersonRole;
      /** Roots of the projects that it reaches; absent: all of the server. */
      readonly projects?: readonly string[];
    };

/** Whoever sits at a terminal of this machine and may read the project's files anyhow. */
export const LOCAL_PERSON: Actor = { kind: 'person', name: 'person', role: 'admin' };

/** Whether there is a project with this root for whoever acts. */
export function reaches(actor: Actor, root: string): boolean {
  return isServerWide(actor) || (actor.kind === 'client' && actor.projects?.includes(root) === true);
}

/** Is nothing of a server hidden from whoever acts? */
export function isServerWide(actor: Actor): boolean {
  return actor.kind !== 'client' || actor.projects === undefined;
}

/** Who the event log names: `person`, `client:<name>` or `task:<id>`. */
export function nameOf(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return 'person';
    case 'client':
      return `client:${actor.name}`;
    case 'agent':
      return `task:${actor.task}`;
  }
}
