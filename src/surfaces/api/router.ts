import * as z from 'zod';
import { eventRouter } from './event-router.ts';
import { count, id, nothing, text } from './inputs.ts';
import { inboxRouter, messageRouter } from './people-router.ts';
import { planRouter } from './plan-router.ts';
import { mutation, query, router } from './procedures.ts';
import { roadmapRouter } from './roadmap-router.ts';
import { settingsRouter } from './settings-router.ts';
import { agentRouter, taskRouter } from './task-router.ts';
import { workRouter } from './work-router.ts';

/** Everything that can be asked of a project from outside: the same operations for every client. */
export const apiRouter = router({
  status: query('status', nothing, {
    does: 'Shows where the project stands.',
    gives: 'Counts, tasks, steps at work, orchestrators, open questions, what can be delivered.',
  }),
  task: taskRouter,
  agent: agentRouter,
  roadmap: roadmapRouter,
  plan: planRouter,
  inbox: inboxRouter,
  message: messageRouter,
  event: eventRouter,
  usage: router({
    sum: query(
      'usage',
      z.strictObject({
        by: z.enum(['task', 'agent', 'provider', 'account', 'model', 'time']),
        limit: z.int().min(1).max(350_000),
        since: count.exactOptional().describe('Epoch ms.'),
        task: id.exactOptional(),
      }),
      { does: 'Sums up tokens and money.', gives: 'A row for each key, and the total of all.' },
    ),
    budgets: query('budgets', nothing, {
      does: 'Says what is left of the budgets.',
      gives: 'The budget of the day and of the run, where there is one.',
    }),
  }),
  provider: router({
    list: query('providers', nothing, {
      does: 'Lists providers.',
      gives: 'Each with its account and how that stands.',
    }),
    resume: mutation('resumeAccount', z.strictObject({ name: id }), {
      does: 'Lets a provider account take work again.',
      gives: 'The account, and how it stood.',
    }),
  }),
  settings: settingsRouter,
  work: workRouter,
  merge: router({
    list: query('merges', z.strictObject({ limit: z.int().min(1).max(1_000).exactOptional() }).optional(), {
      does: 'Lists what waits for its merge, and what was merged.',
      gives: 'The merges, oldest first; with a limit the newest of them.',
    }),
  }),
  project: router({
    pause: mutation(
      'pauseProject',
      z
        .strictObject({
          reason: text.exactOptional(),
          now: z
            .boolean()
            .exactOptional()
            .describe('Also stop the agents at work. Default: they finish their tasks.'),
        })
        .optional(),
      {
        does: 'Lets nothing of the project be begun, by any orchestrator, until it is resumed.',
        gives: 'The pause that stands, the tasks that were stopped, and those still at work.',
      },
    ),
    resume: mutation('resumeProject', nothing, {
      does: 'Lets a paused project go on.',
      gives: 'The pause that ended, how many tasks can begin, and whether somebody begins them.',
    }),
  }),
  orchestrator: router({
    list: query('orchestrators', z.strictObject({ lost: z.boolean().exactOptional() }).optional(), {
      does: 'Lists who works on the project.',
      gives: 'The orchestrators, and how often one is to be heard from.',
    }),
    stop: mutation('dismiss', z.strictObject({ id: id.describe('Or its beginning.') }), {
      does: 'Asks an orchestrator to finish its turns and end.',
      gives: 'Its whole id.',
    }),
  }),
  delivery: router({
    pending: query('pending', z.strictObject({ target: id.exactOptional() }).optional(), {
      does: 'Says what would be delivered.',
      gives: 'The branches, and the tasks between them.',
    }),
    deliver: mutation(
      'deliver',
      z
        .strictObject({
          target: id.exactOptional(),
          push: z.boolean().exactOptional(),
          pullRequest: z
            .boolean()
            .exactOptional()
            .describe('Open or update a pull request instead; default: as `merge.deliver` says.'),
        })
        .optional(),
      {
        does: 'Brings the integration branch into the target, or into a pull request for it.',
        gives: 'What was delivered or proposed, or why not.',
      },
    ),
    proposal: query('proposal', z.strictObject({ target: id.exactOptional() }).optional(), {
      does: 'Asks the forge how the latest pull request stands. One that was merged counts as delivered then.',
      gives: 'The pull request; nothing when there was none.',
    }),
  }),
});

/**
 * What typed clients, such as a page in a browser, are made from.
 * @internal Exported for them: nothing here needs it.
 */
export type ApiRouter = typeof apiRouter;
