import type { Question } from './outcome.ts';
import type { AgentSpec, AgentTool } from './ports.ts';

/** What an agent wants leave for. The words are those of the Agent Client Protocol. */
export const PERMISSION_KINDS = [
  'read',
  'search',
  'think',
  'edit',
  'delete',
  'move',
  'execute',
  'fetch',
  'switch_mode',
  'other',
] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

export interface PermissionRequest {
  readonly kind: PermissionKind;
  /** What exactly it is about: the command, the file. The agent's own words. */
  readonly subject: string;
}

/** What a person has answered. It holds for the same request again: same role, same kind, same subject. */
export interface PermissionGrant {
  readonly id: string;
  /** The question as it was asked: it names the subject in full, which the short id does not. */
  readonly question: string;
  readonly granted: boolean;
}

export type PermissionDecision =
  | { kind: 'allow' }
  | { kind: 'deny'; reason: string }
  | { kind: 'ask'; question: Question };

/** The tool that each kind needs. Absent: every role may do it. What names no kind may do anything, as a shell may. */
const NEEDS: Readonly<Partial<Record<PermissionKind, AgentTool>>> = {
  edit: 'edit',
  delete: 'edit',
  move: 'edit',
  // Leaving a mode that only reads.
  switch_mode: 'edit',
  execute: 'shell',
  fetch: 'web',
  other: 'shell',
};
const VERBS: Readonly<Partial<Record<PermissionKind, string>>> = {
  edit: 'edit',
  delete: 'delete',
  move: 'move',
  execute: 'run',
  fetch: 'fetch',
};
/** More than a person can be expected to read before saying yes. */
const SUBJECT_LENGTH = 4_000;
const PREFIX = 'permission:';

/**
 * Decides about one request: by what the role may do at all, then by what a person has answered before, then by the
 * role's policy, which is `allow` where it names none.
 */
export function decidePermission(
  request: PermissionRequest,
  {
    agent,
    grants,
  }: {
    agent: Pick<AgentSpec, 'role' | 'tools' | 'permissions'>;
    grants: readonly PermissionGrant[];
  },
): PermissionDecision {
  const needed = NEEDS[request.kind];
  if (needed === undefined) return { kind: 'allow' };
  if (!agent.tools.includes(needed)) {
    return { kind: 'deny', reason: `the role ${agent.role} has no tool "${needed}"` };
  }
  switch (agent.permissions ?? 'allow') {
    case 'allow':
      return { kind: 'allow' };
    case 'deny':
      return { kind: 'deny', reason: `the role ${agent.role} has "permissions": "deny"` };
    case 'ask':
      break;
  }
  if (request.subject.length > SUBJECT_LENGTH) {
    return {
      kind: 'deny',
      reason: `it is longer than the ${SUBJECT_LENGTH} characters that a person is asked about`,
    };
  }
  const question = ask(request, agent.role);
  const answered = grants.findLast(
    (grant) => grant.id === question.id && grant.question === question.question,
  );
  if (answered === undefined) return { kind: 'ask', question };
  return answered.granted ? { kind: 'allow' } : { kind: 'deny', reason: 'a person has said no' };
}

/** Is this the id of a question that asks for leave? */
export function isPermission(questionId: string): boolean {
  return questionId.startsWith(PREFIX);
}

/** The answers to permission questions among all that a task was asked. Anything but `allow` is a no. */
export function permissionGrants(
  questions: readonly {
    readonly id: string;
    readonly question: string;
    readonly answer: string | undefined;
  }[],
): readonly PermissionGrant[] {
  return questions.flatMap(({ id, question, answer }) =>
    isPermission(id) && answer !== undefined
      ? [{ id, question, granted: answer.trim().toLowerCase() === 'allow' }]
      : [],
  );
}

function ask({ kind, subject }: PermissionRequest, role: string): Question {
  const question = `May ${role} ${VERBS[kind] ?? 'use'}: ${exact(subject)}`;
  return { id: `${PREFIX}${kind}:${shortHash(question)}`, question, options: ['allow', 'deny'] };
}

/** As it is, or quoted where a terminal or a reader would not show all of it. No two subjects look the same. */
function exact(subject: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^"|^\s|\s$/u.test(subject)) return subject;
  return JSON.stringify(subject).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** FNV-1a of 32 bits: tells questions apart for people; what counts is the whole question. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
