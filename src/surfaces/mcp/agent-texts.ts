import type { AgentMessage, AskOutcome, PlanLine, TaskBrief } from '../../core/door/ports.ts';
import { DECIDE_YOURSELF, END_NOW } from '../../core/door/words.ts';

/** What came of questions, as the model reads it. */
export function askedText(outcome: AskOutcome): string {
  const given = outcome.answers.map(
    ({ question, answer, by }) =>
      `${question}\n→ ${answer === undefined ? DECIDE_YOURSELF : `${answer} (answered by ${by})`}`,
  );
  return [...given, ...(outcome.kind === 'later' ? [END_NOW] : [])].join('\n\n');
}

/** What the asker does now, where the answers alone do not say it. */
export function nextAfter(outcome: AskOutcome): string | undefined {
  if (outcome.kind === 'later') return END_NOW;
  return outcome.answers.some(({ answer }) => answer === undefined) ? DECIDE_YOURSELF : undefined;
}

export function messagesText(messages: readonly AgentMessage[]): string {
  if (messages.length === 0) return 'No new messages.';
  return messages
    .map(({ id, from, text, replyTo, ...place }) => {
      const about = place.file === undefined ? '' : ` about ${place.file}${lineOf(place)}`;
      const reply = replyTo === undefined ? '' : `, in reply to ${replyTo}`;
      return `${id} from ${from}${about}${reply}:\n${text}`;
    })
    .join('\n\n');
}

export function briefText({ definition, predecessors, branch, role }: TaskBrief): string {
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title}:\n${items.map((item) => `- ${item}`).join('\n')}`];
  return [
    `${definition.id}: ${definition.title}\nYou are its ${role}, on branch ${branch}.`,
    definition.prompt,
    ...list('Exit criteria', definition.exitCriteria),
    ...list('Files', definition.files),
    ...predecessors.map(({ id, title, summary }) => `Before it, ${id} (${title}) left:\n${summary}`),
  ].join('\n\n');
}

export function planText(lines: readonly PlanLine[], total: number): string {
  const rows = lines.map(({ id, title, state, dependsOn, files }) =>
    [
      `${id} [${state}] ${title}`,
      ...(dependsOn.length === 0 ? [] : [`  after: ${dependsOn.join(', ')}`]),
      ...(files.length === 0 ? [] : [`  files: ${files.join(', ')}`]),
    ].join('\n'),
  );
  const rest = total - lines.length;
  const more = rest > 0 ? [`… and ${rest} more: narrow it down by search or states, or raise limit`] : [];
  return rows.length === 0 ? 'No task of the plan fits.' : [...rows, ...more].join('\n');
}

function lineOf({ line }: { line?: number }): string {
  return line === undefined ? '' : `:${line}`;
}
