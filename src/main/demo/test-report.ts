import type { Verdict } from './review.ts';

/**
 * The scripted tester's verdict on the output of `node --test`, which has run before it is asked. A run in which
 * nothing was tested is no proof.
 */
export function reportTests(check: string | undefined): Verdict {
  if (check === undefined) return { status: 'error', reason: 'the project has no check that was run' };
  // The reporters for people and for programs mark their totals differently.
  const passed = Number(check.match(/^(?:ℹ|#) pass (\d+)/m)?.[1] ?? 0);
  const failed = Number(check.match(/^(?:ℹ|#) fail (\d+)/m)?.[1] ?? 0);
  if (failed > 0) return { status: 'rejected', feedback: `${failed} tests fail:\n${check}` };
  if (passed === 0) return { status: 'rejected', feedback: `No test ran:\n${check}` };
  return { status: 'done', summary: `The project's check ran ${passed} tests, and all of them pass.` };
}
