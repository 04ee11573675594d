import type { Question } from '../agents/outcome.ts';
import { isPermission } from '../agents/permissions.ts';
import type { QuestionRecord } from '../tasks/task.ts';

/** A question as its agent put it, and the id that it has in its task. */
export interface NamedQuestion {
  readonly own: Question;
  readonly id: string;
  /** The same was asked before, and its agent was not told what became of it: it is that question. */
  readonly isNew: boolean;
}

const LONGEST_ID = 64;

/**
 * Gives each question an id of its own in the task, because agents use theirs again and again. What an agent asks a
 * second time, as one that was cut off does, is not asked twice.
 */
export function nameApart(
  questions: readonly Question[],
  known: readonly QuestionRecord[],
): readonly NamedQuestion[] {
  const taken = new Set(known.map(({ id }) => id));
  const named: NamedQuestion[] = [];
  for (const own of questions) {
    const before =
      known.findLast((record) => isSame(record, own)) ??
      named.find(({ own: { question } }) => question === own.question);
    if (before !== undefined) {
      named.push({ own, id: before.id, isNew: false });
      continue;
    }
    // The answer to a request for leave is found by its id again.
    const id = isPermission(own.id) ? own.id : freeId(own.id, taken);
    taken.add(id);
    named.push({ own, id, isNew: true });
  }
  return named;
}

function isSame(record: QuestionRecord, { question }: Question): boolean {
  return (
    record.question === question &&
    record.kind === undefined &&
    record.told === undefined &&
    record.state !== 'dropped'
  );
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? '' : `-${number}`;
    const id = `${wanted.slice(0, LONGEST_ID - ending.length)}${ending}`;
    if (!taken.has(id)) return id;
  }
}
