import type { SyncPreview } from '../../../core/tasks/ports.ts';
import { count } from '../../cli/format.ts';
import { plainPaint } from '../../cli/style.ts';
import { renderPreview } from '../../cli/views/roadmap-diff.ts';
import type { FormOpening } from './form-dialog.ts';

const PREVIEW_COLUMNS = 100;

/** Shows what taking the roadmap file as it is would do; one that is held is taken once a person confirms it. */
export function takeRoadmap(): FormOpening {
  return {
    name: 'roadmap.diff',
    title: 'The roadmap file',
    operation: 'roadmapDiff',
    input: undefined,
    opens: (value) => {
      const preview = value as SyncPreview;
      const { held, tasks } = preview;
      if (held === undefined && tasks.length === 0) return 'The plan is what the roadmap file says.';
      const { held: _, ...rest } = preview;
      const lines = renderPreview(rest, { tense: 'would', width: PREVIEW_COLUMNS, paint: plainPaint });
      const lead =
        held === undefined
          ? []
          : [
              {
                text: `It takes ${held.removed.length} of ${count(held.open, 'open task')} away, and waits for your word.`,
                look: 'waiting' as const,
              },
            ];
      return {
        name: 'roadmap.take',
        title: held === undefined ? 'Take the roadmap file?' : 'Take the roadmap file that is held?',
        intro: [...lead, ...lines.map((text) => ({ text }))],
        fields: [],
        action: 'take it',
        submit: () => ({
          kind: 'call',
          operation: held === undefined ? 'syncRoadmap' : 'confirmRoadmap',
          input: undefined,
        }),
        done: (taken) => ({
          kind: 'close',
          notice: `The plan follows the roadmap file: ${count((taken as SyncPreview).tasks.length, 'task')} changed.`,
        }),
      };
    },
  };
}
