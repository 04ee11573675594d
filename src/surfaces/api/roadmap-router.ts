import * as z from 'zod';
import { dryRun, nothing, taskRef } from './inputs.ts';
import { mutation, query, router } from './procedures.ts';

const preview = 'Each task that is added, changed, removed or renamed, with what that does to it.';

/** The roadmap file. */
export const roadmapRouter = router({
  show: query('roadmap', nothing, {
    does: 'Shows what the roadmap file says.',
    gives: 'The roadmap, and the tasks as they stand.',
  }),
  outline: query('outline', nothing, {
    does: 'Shows the initiatives, phases and plans of the roadmap file, without their tasks.',
    gives: 'The tree of them; nothing while the file cannot be used.',
  }),
  task: query('definition', taskRef, {
    does: 'Shows what the roadmap file says in one task.',
    gives: 'Its keys.',
  }),
  diff: query('roadmapDiff', nothing, {
    does: 'Says what taking the roadmap file as it is now would do. Changes nothing.',
    gives: preview,
  }),
  sync: mutation('syncRoadmap', nothing, { does: 'Takes the roadmap file as it is now.', gives: preview }),
  confirm: mutation('confirmRoadmap', nothing, {
    does: 'Takes the roadmap file although it takes most of the open tasks away.',
    gives: preview,
  }),
  undo: mutation('undoEdit', z.strictObject({ dryRun }).optional(), {
    does: 'Takes back the latest edit that was made through Codewalk.',
    gives: 'The diff of the file.',
  }),
});
