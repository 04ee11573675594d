import type { SyncPreview } from '../../../core/tasks/ports.ts';
import { roadmapProgress } from '../../../core/tasks/progress.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { progressJson, renderProgress } from '../views/progress.ts';
import { previewJson, renderPreview } from '../views/roadmap-diff.ts';

/** Problems are thrown by the loader, all of them in one error, and shown like every failure. */
export const roadmapCheck: Action = async (context, { args }) => {
  const file = textOption(args[0]);
  const { plan } = await context.services.roadmap.load(file);
  const roots = plan.tasks.filter((task) => task.needs.length === 0).length;
  const longest = Math.max(0, ...plan.tasks.map((task) => task.chain));
  if (context.json) {
    printJson(context, { valid: true, tasks: plan.tasks.length, startable: roots, longestChain: longest });
    return EXIT.ok;
  }
  const name = file ?? 'The roadmap';
  printLines(context, [
    plan.tasks.length === 0
      ? `${safeLine(name)} is valid and has no tasks yet.`
      : `${safeLine(name)} is valid: ${count(plan.tasks.length, 'task')}, ${roots} can start at once, the longest chain has ${longest}.`,
  ]);
  return EXIT.ok;
};

export const roadmapShow: Action = async (context, { options }) => {
  const { roadmap, tasks, finished } = await (await context.services.api()).roadmap();
  const progress = roadmapProgress(roadmap, tasks);
  if (context.json) printJson(context, progressJson(progress, finished));
  else {
    const lines = renderProgress(progress, {
      width: context.io.columns(),
      paint: context.paint,
      ...(options.made === true ? { finished } : {}),
    });
    printLines(
      context,
      lines.length === 0 ? ['The roadmap has no tasks yet. Add one: cw task add "…"'] : lines,
    );
  }
  return EXIT.ok;
};

export const roadmapDiff: Action = async (context, { args }) => {
  const { services } = context;
  const file = textOption(args[0]);
  // Another file is this person's to read; the project's own is what everybody sees.
  const preview =
    file === undefined ? await (await services.api()).roadmapDiff() : await services.roadmap.compare(file);
  printPreview(context, preview, 'would');
  return EXIT.ok;
};

export const roadmapSync: Action = async (context) => {
  printPreview(context, await (await context.services.api()).syncRoadmap(), 'did');
  return EXIT.ok;
};

export const roadmapConfirm: Action = async (context) => {
  const { held: _, ...taken } = await (await context.services.api()).confirmRoadmap();
  printPreview(context, taken, 'did');
  return EXIT.ok;
};

function printPreview(context: CliContext, preview: SyncPreview, tense: 'would' | 'did'): void {
  const { paint, io, json } = context;
  if (json) printJson(context, previewJson(preview));
  else printLines(context, renderPreview(preview, { tense, width: io.columns(), paint }));
}
