import type { RunningCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject } from './project.ts';

/** Something of everything: an agent at work, a question, an approval, a failure, and much that waits. */
export async function busyProject(): Promise<E2eProject> {
  const waiting = Array.from({ length: 60 }, (_, at) => ({
    id: `t${at}`,
    prompt: 'Later.',
    depends_on: ['one'],
  }));
  const printed = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
  return await makeProject({
    roadmap: {
      version: 1,
      plans: [
        {
          id: 'cart',
          title: 'Cart',
          tasks: [
            { id: 'one', prompt: 'Do one.' },
            { id: 'asks', prompt: 'Ask.' },
            { id: 'broken', prompt: 'Break.', max_attempts: 1 },
            { id: 'checked', prompt: 'Do it.', approve: true },
          ],
        },
      ],
      tasks: waiting,
    },
    script: {
      one: [[{ print: printed }, { waitFor: 'go' }, { write: 'one.txt', text: '1\n' }]],
      asks: [[{ result: { status: 'questions', questions: [{ id: 'q1', question: 'Which database?' }] } }]],
      broken: [[{ exit: 7 }]],
      checked: [[{ write: 'checked.txt', text: 'x\n' }, { result: { status: 'done', summary: 'checked' } }]],
    },
    config: { retry: { maxAttempts: 1 } },
  });
}

/** Works on it without a terminal until everything stands as the tests want it. */
export async function atWork(project: E2eProject): Promise<RunningCw> {
  const running = await project.start(['run', '--json', '--watch']);
  const events = [
    /"type":"agent.output".*line 39/,
    /"type":"task.asked".*Which database/,
    /"type":"task.failed".*broken|broken.*"type":"task.failed"/,
    /approve-1/,
  ];
  for (const event of events) await running.line((line) => event.test(line));
  return running;
}
