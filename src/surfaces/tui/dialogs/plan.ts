import type { PlanView } from '../../../core/api/ports.ts';
import { count } from '../../cli/format.ts';
import { plainPaint } from '../../cli/style.ts';
import { renderPlan } from '../../cli/views/plans.ts';
import type { FormOpening, IntroText } from './form-dialog.ts';

const APPLY = { value: 'apply', label: 'Apply it: its tasks come into the roadmap' } as const;
const DROP = { value: 'drop', label: 'Drop it: nobody wants it' } as const;

/** Shows a plan that was proposed, as `cw plan show` does, and applies or drops it. */
export function decidePlan({ plan: id }: { plan: string }): FormOpening {
  return {
    name: 'plan',
    title: `The plan ${id}`,
    operation: 'plan',
    input: { plan: id },
    opens: (value) => {
      const { plan, preview, problem } = value as PlanView;
      if (plan.state !== 'open') return `${id} is ${plan.state} already.`;
      const cannot: IntroText[] =
        problem === undefined ? [] : [{ text: `It cannot be applied now: ${problem}`, look: 'failed' }];
      const lines = renderPlan(plan, preview, plainPaint).map((text): IntroText => ({ text }));
      return {
        name: 'plan.decide',
        title: `Apply the plan ${id}?`,
        intro: [...cannot, ...lines, { text: '' }, ...changes(preview?.diff ?? '')],
        fields: [
          {
            kind: 'choice',
            name: 'verdict',
            label: 'Then',
            options: problem === undefined ? [APPLY, DROP] : [DROP],
          },
        ],
        action: 'do it',
        submit: ({ verdict }) => ({
          kind: 'call',
          operation: verdict === 'apply' ? 'applyPlan' : 'dropPlan',
          input: { plan: id },
        }),
        done: (done, { verdict }) => ({
          kind: 'close',
          notice: verdict === 'apply' ? applied(id, done as Applied) : `Dropped ${id}.`,
        }),
      };
    },
  };
}

interface Applied {
  readonly added: readonly string[];
  readonly problem?: { readonly message: string };
}

function applied(id: string, { added, problem }: Applied): string {
  const what = `Applied ${id}: ${count(added.length, 'task')} came into the roadmap`;
  return problem === undefined ? `${what}.` : `${what}, and the plan does not follow it: ${problem.message}`;
}

/** What it changes in the roadmap file. */
function changes(diff: string): readonly IntroText[] {
  return diff
    .split('\n')
    .filter((line) => line !== '')
    .map((text): IntroText => {
      if (text.startsWith('+')) return { text, look: 'added' };
      return text.startsWith('-') ? { text, look: 'removed' } : { text };
    });
}
