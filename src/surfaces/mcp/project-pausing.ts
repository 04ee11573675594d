import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { present } from '../../core/source/present.ts';
import { type ClientDoor, offerTool } from './project-tool.ts';

/** Tools that pause the whole project and let it go on. */
export function pausingTools(server: McpServer, door: ClientDoor): void {
  offerTool(
    server,
    door,
    {
      name: 'pause_project',
      title: 'Pause the project',
      description:
        'No task is begun any more, by any orchestrator, until resume_project. Agents at work finish their tasks, ' +
        'unless now is true: then they are stopped with their work kept, and go on after it in the same conversations.',
      needs: 'pauseProject',
      input: z.strictObject({
        reason: z.string().max(2_000).optional().describe('why, for whoever looks'),
        now: z.boolean().default(false).describe('also stop the agents at work'),
      }),
      output: z.object({
        paused_by: z.string(),
        stopped: z.array(z.string()).describe('tasks whose agents are stopped'),
        at_work: z.array(z.string()).describe('tasks that are still finished'),
      }),
    },
    async (project, { reason, now }) => {
      const { pause, stood, stopped, atWork } = await project.pauseProject({ now, ...present({ reason }) });
      const said = stood ? `The project was paused by ${pause.by} before.` : 'The project is paused.';
      const at = atWork.length === 0 ? '' : ` Still at work: ${atWork.join(', ')}.`;
      const value = { paused_by: pause.by, stopped: [...stopped], at_work: [...atWork] };
      return { text: `${said}${at}`, value };
    },
  );
  offerTool(
    server,
    door,
    {
      name: 'resume_project',
      title: 'Resume the project',
      description: 'Lets a paused project go on. Tasks that were paused by themselves stay so.',
      needs: 'resumeProject',
      input: z.strictObject({}),
      output: z.object({ resumed: z.boolean(), ready: z.number().describe('tasks that can begin') }),
    },
    async (project) => {
      const { was, ready } = await project.resumeProject();
      const said = was === undefined ? 'The project was not paused.' : 'The project goes on.';
      return { text: `${said} ${ready} tasks can begin.`, value: { resumed: was !== undefined, ready } };
    },
  );
}
