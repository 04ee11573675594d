import { UsageError } from '../../../core/errors.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';

export const notifyTest: Action = async (context, { options }) => {
  const tests = await context.services.notices.test(
    options['webhook'] === undefined ? {} : { webhook: Number(options['webhook']) },
  );
  if (tests.length === 0) {
    throw new UsageError('NO_NOTICES', 'Nobody is told of anything here', {
      advice: 'Set notify.webhooks in the config, or start it in a desktop session with notify-send.',
    });
  }
  if (context.json) printJson(context, tests);
  else {
    const { paint } = context;
    printLines(
      context,
      tests.map(({ to, problem }) =>
        problem === undefined
          ? `${paint('green', 'told')}      ${safeLine(to)}`
          : `${paint('red', 'not told')}  ${safeLine(to)}: ${safeLine(problem)}`,
      ),
    );
  }
  return tests.every(({ problem }) => problem === undefined) ? EXIT.ok : EXIT.failed;
};
