import { UsageError } from '../../../core/errors.ts';
import { showFace } from '../../tui/face.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';

export const tui: Action = async (context, { options }) => {
  if (!context.io.canAsk) {
    throw new UsageError('TERMINAL_UNFIT', 'cw tui needs a terminal on standard input and output', {
      advice: 'cw status shows where everything stands, and cw events --follow what happens',
    });
  }
  if (options.run === true) {
    const { runAndReport } = await import('./run.ts');
    return await runAndReport(context, {
      watch: true,
      plain: false,
      verbose: false,
      face: { quitStops: true },
    });
  }
  const signal = context.stopSignal();
  await showFace(context, { signal });
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
};
