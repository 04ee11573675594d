import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { ProjectApi } from '../../core/api/ports.ts';
import { KEEP_EVERY_MS, type WorkAnswer } from '../../core/outside/ports.ts';
import { present } from '../../core/source/present.ts';
import { type ClientDoor, offerTool } from './project-tool.ts';
import type { Answer } from './tool-answer.ts';

const claim = z.string().min(1).max(100).describe('from claim_task');
const worker = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .describe('a name of your own, when several of you share this connection: each has one task at a time');
const output = z.object({
  status: z.enum(['work', 'busy', 'over', 'nothing']),
  claim: z.string().optional(),
  turn: z.number().optional(),
  task: z.string().optional(),
  why: z.string().optional(),
  worktree: z.string().optional(),
  branch: z.string().optional(),
  files: z.array(z.string()).optional(),
  prompt: z.string().optional().describe('what is to be done now'),
  next: z.string().optional().describe('what to call now'),
  end: z.string().optional(),
  reason: z.string().optional(),
  commit: z.string().optional(),
});

/** Tools for whoever does tasks itself, instead of leaving them to the agents of the project. */
export function workingTools(server: McpServer, door: ClientDoor): void {
  const about = (name: string | undefined) => {
    const parts = [door.session, name].filter((part) => part !== undefined);
    return parts.length === 0 ? {} : { session: parts.join('.') };
  };
  offerTool(
    server,
    door,
    {
      name: 'claim_task',
      title: 'Take a task',
      description:
        'Gives you a task to do yourself: nobody else gets it meanwhile. The answer says what to do and in which ' +
        'directory, a git worktree of its own. Leave your work there as files, without committing, then call ' +
        'complete_task. Answered busy, the worktree is still being made: call it again.',
      needs: 'claimTask',
      input: z.object({
        task: z.string().max(64).optional().describe('default: the next one that is ready'),
        worker,
      }),
      output,
    },
    async (project, { task, worker: name }) => {
      const session = about(name);
      const kept = door.session !== undefined;
      const { work } = await project.claimTask({ ...session, kept, ...present({ task }) });
      if (work === undefined) {
        return { text: 'No task is ready now. See roadmap_status.', value: { status: 'nothing' } };
      }
      if (kept && work.kind !== 'over') keepAlive(project, { ...session, claim: work.claim });
      return workAnswer(work);
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'complete_task',
      title: 'Hand a task in',
      description:
        'Says that what the turn asked for is done. The work is saved, checked, reviewed where the project wants ' +
        'that, and merged. Answered work, there is more to do, such as a conflict: do it in the same worktree and ' +
        'complete that turn. Answered busy, it takes longer: call it again in the same way.',
      needs: 'completeTask',
      input: z.object({
        claim,
        turn: z.int().min(1).describe('from the answer that asked for the work'),
        summary: z.string().min(1).max(100_000).describe('what you made, for whoever builds on it'),
        worker,
      }),
      output,
    },
    async (project, { worker: name, ...done }) =>
      workAnswer(await project.completeTask({ ...about(name), ...done })),
  );
  offerTool(
    server,
    door,
    {
      name: 'fail_task',
      title: 'Give a task up',
      description: 'Says that you cannot do the task. What you made is saved; others may try it.',
      needs: 'failTask',
      input: z.object({ claim, reason: z.string().min(1).max(20_000), worker }),
      output,
    },
    async (project, { worker: name, ...given }) =>
      workAnswer(await project.failTask({ ...about(name), ...given })),
  );
}

const AGAIN = 'ask again in the same way.';

/** As long as this process lives its client does, too. */
function keepAlive(project: ProjectApi, which: { claim: string; session?: string }): void {
  const timer = setInterval(() => {
    project.keepClaim(which).then(
      ({ kind }) => {
        if (kind === 'over') clearInterval(timer);
      },
      () => clearInterval(timer),
    );
  }, KEEP_EVERY_MS).unref();
}

function workAnswer(work: WorkAnswer): Answer {
  const { kind: status, claim: id, task } = work;
  switch (work.kind) {
    case 'busy':
      return { text: `${task} takes longer: ${AGAIN}`, value: { status, claim: id, task, next: AGAIN } };
    case 'over': {
      const { end, reason, commit } = work;
      const value = { status, claim: id, task, end, reason, ...present({ commit }) };
      return { text: `${task}: ${end}. ${reason}`, value };
    }
    case 'work': {
      const { turn, why, worktree, branch, files, prompt } = work;
      return {
        text: `Claim ${id}, turn ${turn}, in ${worktree}:\n\n${prompt}`,
        value: { status, claim: id, task, turn, why, worktree, branch, files: [...files], prompt },
      };
    }
  }
}
