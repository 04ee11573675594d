import type { DeliveredTo, Proposal } from '../../../core/api/parts.ts';
import { CodewalkError } from '../../../core/errors.ts';
import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, shortId } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';

export const deliver: Action = async (context, { options }) => {
  const api = await context.services.api();
  const target = textOption(options.target);
  if (options.dryRun === true) {
    const pending = await api.pending(present({ target }));
    if (context.json)
      printJson(context, { dryRun: true, ...(pending ?? { branch: null, target: null, tasks: [] }) });
    else if (pending === undefined || pending.tasks.length === 0)
      printLines(context, ['There is nothing to deliver.']);
    else {
      const what = `${count(pending.tasks.length, 'task')} would go from ${pending.branch} to ${pending.target}:`;
      printLines(context, [safeLine(what), ...pending.tasks.map((task) => `  ${safeLine(task)}`)]);
    }
    return EXIT.ok;
  }
  if (options.status === true) return sayProposal(context, await api.proposal(present({ target })));
  const pullRequest = options.pullRequest === true ? true : options.local === true ? false : undefined;
  const outcome = await api.deliver({ push: options.push === true, ...present({ target, pullRequest }) });
  if (outcome.kind === 'refused') {
    const what = `${outcome.branch} cannot be delivered to ${outcome.target}: ${outcome.reason}`;
    throw new CodewalkError('DELIVERY_REFUSED', [what, ...outcome.files].join('\n'), {
      advice: outcome.advice,
    });
  }
  if (context.json) printJson(context, outcome);
  else if (outcome.kind === 'nothing')
    printLines(context, ['There is nothing to deliver.', ...whereTo(outcome)]);
  else if (outcome.kind === 'proposed') {
    const { number, url, tasks } = outcome;
    const what = `${count(tasks.length, 'task')} ${tasks.length === 1 ? 'waits' : 'wait'} for ${outcome.target} in pull request #${number}:`;
    printLines(context, [safeLine(what), ...tasks.map((task) => `  ${safeLine(task)}`), safeLine(url)]);
  } else {
    const what = `Delivered ${count(outcome.tasks.length, 'task')} to ${outcome.target}, now at ${shortId(outcome.commit)}:`;
    const tasks = outcome.tasks.map((task) => `  ${safeLine(task)}`);
    printLines(context, [safeLine(what), ...tasks, ...whereTo(outcome)]);
  }
  return EXIT.ok;
};

/** How the pull request stands. */
function sayProposal(context: CliContext, pull: Proposal | undefined): ExitCode {
  if (context.json) printJson(context, pull ?? null);
  else if (pull === undefined)
    printLines(context, ['There is no pull request yet.', '    cw deliver --pull-request']);
  else {
    const { number, repository, title, target, tasks, url } = pull;
    const of = `${count(tasks.length, 'task')} for ${target}`;
    printLines(context, [
      safeLine(`#${number} of ${repository} ${PULL_STATES[pull.state]}: ${of}`),
      ...(pull.state === 'open' ? [`  ${MERGEABLE[pull.isDraft ? 'draft' : pull.mergeable]}`] : []),
      safeLine(`  ${title}`),
      safeLine(`  ${url}`),
    ]);
  }
  return EXIT.ok;
}

const PULL_STATES = { open: 'is open', merged: 'is merged', closed: 'was closed without a merge' } as const;
const MERGEABLE = {
  yes: 'It can be merged.',
  conflicts: 'It conflicts with its target.',
  blocked: 'A rule of the repository holds it up: a review or a check is missing.',
  draft: 'It is a draft.',
  unknown: 'Whether it can be merged is not known yet.',
} as const;

function whereTo({ target, remote, pushed }: DeliveredTo & { target: string }): readonly string[] {
  if (remote === undefined) return [];
  if (pushed === true) return [safeLine(`${target} is pushed to ${remote}.`)];
  return [safeLine(`${target} moved on this host only. To push it: git push ${remote} ${target}`)];
}
