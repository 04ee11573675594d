import type { Delivery, DeliveryOutcome } from '../../../core/api/parts.ts';
import { count, shortId } from '../../cli/format.ts';
import type { FormEnd, FormOpening } from './form-dialog.ts';

const HOW = [
  { value: 'config', label: 'As merge.deliver of the settings says' },
  { value: 'local', label: 'Move the branch on this host' },
  { value: 'push', label: 'Move the branch, and push it' },
  { value: 'pull-request', label: 'Open or update a pull request' },
] as const;

const INPUT: Readonly<Record<string, object>> = {
  config: {},
  local: { pullRequest: false },
  push: { pullRequest: false, push: true },
  'pull-request': { pullRequest: true },
};

/** Shows what would be delivered, and delivers it. */
export function deliverWork(): FormOpening {
  return {
    name: 'deliver',
    title: 'Deliver',
    operation: 'pending',
    input: undefined,
    opens: (value) => {
      const pending = value as Delivery | undefined | null;
      if (pending === undefined || pending === null || pending.tasks.length === 0) {
        return 'There is nothing to deliver.';
      }
      const { branch, target, tasks, pull } = pending;
      return {
        name: 'deliver.do',
        title: `Deliver ${count(tasks.length, 'task')}`,
        intro: [
          { text: `From ${branch} to ${target}:` },
          ...tasks.map((task) => ({ text: `  ${task}`, look: 'title' as const })),
          ...(pull === undefined
            ? []
            : [{ text: `Pull request #${pull.number} is open: ${pull.url}`, look: 'dim' as const }]),
        ],
        fields: [{ kind: 'choice', name: 'how', label: 'How', options: HOW }],
        action: 'deliver',
        submit: ({ how = 'config' }) => ({ kind: 'call', operation: 'deliver', input: INPUT[how] ?? {} }),
        done: (outcome) => delivered(outcome as DeliveryOutcome),
      };
    },
  };
}

function delivered(outcome: DeliveryOutcome): FormEnd {
  switch (outcome.kind) {
    case 'nothing':
      return { kind: 'close', notice: 'There is nothing to deliver.' };
    case 'refused': {
      const { branch, target, reason, advice, files } = outcome;
      const message = [`${branch} cannot be delivered to ${target}: ${reason}`, ...files].join('\n');
      return { kind: 'refused', problem: { message, advice } };
    }
    case 'proposed': {
      const { tasks, target, number, url } = outcome;
      const what = `${count(tasks.length, 'task')} for ${target} in pull request #${number}: ${url}`;
      return { kind: 'close', notice: what };
    }
    case 'delivered': {
      const { tasks, target, commit, remote, pushed } = outcome;
      const where =
        remote === undefined ? '' : pushed === true ? `, pushed to ${remote}` : ', on this host only';
      const what = `Delivered ${count(tasks.length, 'task')} to ${target}, now at ${shortId(commit)}${where}.`;
      return { kind: 'close', notice: what };
    }
  }
}
