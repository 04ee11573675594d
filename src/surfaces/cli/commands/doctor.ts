import type { Action } from '../actions.ts';
import type { Check } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import type { Look } from '../style.ts';

const MARKS: Readonly<Record<Check['status'], readonly [string, Look]>> = {
  ok: ['ok  ', 'green'],
  warn: ['warn', 'yellow'],
  fail: ['fail', 'red'],
};

export const doctor: Action = async (context) => {
  const { paint } = context;
  const checks: Check[] = [];
  for await (const check of context.services.setup.checks()) {
    checks.push(check);
    if (context.json) continue;
    const [mark, look] = MARKS[check.status];
    printLines(context, [`${paint(look, mark)}  ${check.name.padEnd(15)}  ${safeLine(check.detail)}`]);
    if (check.advice !== undefined) printLines(context, [`      ${paint('dim', safeLine(check.advice))}`]);
  }
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  if (context.json) printJson(context, { ok: failed === 0, checks });
  else {
    const worst =
      failed > 0
        ? count(failed, 'problem')
        : warned > 0
          ? `Ready, with ${count(warned, 'note')}`
          : 'All is well';
    printLines(context, ['', `${worst}.`]);
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
};
