import * as z from 'zod';
import { dryRun, nothing } from './inputs.ts';
import { mutation, query, router } from './procedures.ts';

const MOST_CHANGES = 500;
const MOST_DIFF = 2_097_152;

const json = z.json().describe('Null: the key is taken away.');

/** The config files of the person and of the project. */
export const settingsRouter = router({
  show: query('settings', nothing, {
    does: 'Shows every setting, its values in each file, and where it comes from.',
    gives: 'The settings with what each takes and its help, and the files.',
  }),
  change: mutation(
    'changeSettings',
    z.strictObject({
      changes: z
        .array(
          z.strictObject({
            scope: z.enum(['global', 'project']),
            key: z.array(z.string().min(1).max(200)).min(1).max(10),
            value: json,
          }),
        )
        .min(1)
        .max(MOST_CHANGES),
      dryRun,
      shown: z
        .array(z.string().max(MOST_DIFF))
        .max(2)
        .exactOptional()
        .describe('The diffs that somebody has seen; where they are others now, nothing is written.'),
    }),
    {
      does: 'Changes settings, each in the file of its scope, if the config as a whole is valid with all of them.',
      gives: 'The diff of each file that changes.',
    },
  ),
});
