import type { DeliveredTo } from '../../../core/api/parts.ts';
import { CodewalkError } from '../../../core/errors.ts';
import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
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
  const outcome = await api.deliver({ push: options.push === true, ...present({ target }) });
  if (outcome.kind === 'refused') {
    const what = `${outcome.branch} cannot be delivered to ${outcome.target}: ${outcome.reason}`;
    throw new CodewalkError('DELIVERY_REFUSED', [what, ...outcome.files].join('\n'), {
      advice: outcome.advice,
    });
  }
  if (context.json) printJson(context, outcome);
  else if (outcome.kind === 'nothing')
    printLines(context, ['There is nothing to deliver.', ...whereTo(outcome)]);
  else {
    const what = `Delivered ${count(outcome.tasks.length, 'task')} to ${outcome.target}, now at ${shortId(outcome.commit)}:`;
    const tasks = outcome.tasks.map((task) => `  ${safeLine(task)}`);
    printLines(context, [safeLine(what), ...tasks, ...whereTo(outcome)]);
  }
  return EXIT.ok;
};

function whereTo({ target, remote, pushed }: DeliveredTo & { target: string }): readonly string[] {
  if (remote === undefined) return [];
  if (pushed === true) return [safeLine(`${target} is pushed to ${remote}.`)];
  return [safeLine(`${target} moved on this host only. To push it: git push ${remote} ${target}`)];
}
