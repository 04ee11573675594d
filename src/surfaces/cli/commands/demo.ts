import { resolve } from 'node:path';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { runAndReport } from './run.ts';

export const demo: Action = async (context, { args, options }) => {
  const given = textOption(args[0]);
  const path = await context.services.setup.makeDemo(
    given === undefined ? undefined : resolve(context.directory, given),
  );
  printLines(context, [`Made a small project with four tasks in ${safeLine(path)}.`]);
  if (options.run === false) {
    printLines(context, ['Next:', `  cd ${safeLine(path)}`, '  cw run']);
    return EXIT.ok;
  }
  return await context.within(path, async (inside) => {
    const code = await runAndReport(inside, { join: false, plain: false, verbose: false });
    printLines(context, [
      '',
      'Look around:',
      `  cd ${safeLine(path)}`,
      '  cw status',
      '  git log --graph cw/integration',
    ]);
    return code;
  });
};
