import * as z from 'zod';
import { id, text } from './inputs.ts';
import { mutation, query, router } from './procedures.ts';

/** What waits for a person. */
export const inboxRouter = router({
  list: query(
    'questions',
    z.strictObject({ open: z.boolean().exactOptional(), task: id.exactOptional() }).optional(),
    { does: 'Lists questions of agents.', gives: 'The questions, with their answers if they have one.' },
  ),
  answer: mutation(
    'answer',
    z.strictObject({
      task: id,
      question: id.exactOptional().describe('May be left out when only one is open.'),
      answer: text.describe('Words, or the number of an offered option.'),
    }),
    {
      does: 'Answers a question. An approval is answered by an approver alone.',
      gives: 'How many are open still, and whether somebody is at work who goes on.',
    },
  ),
  withdraw: mutation(
    'withdraw',
    z.strictObject({
      task: id,
      question: id.exactOptional().describe('Absent: all that are open.'),
      reason: z.string().max(2_000).exactOptional(),
    }),
    {
      does: 'Takes back a question that nobody will answer; its agent goes on by its own judgement.',
      gives: 'How many are open still, and whether somebody is at work who goes on.',
    },
  ),
});

const address = id.describe('A task’s id, `orchestrator`, `person` or `everyone`.');

export const messageRouter = router({
  list: query(
    'messages',
    z
      .strictObject({
        unreadBy: address.exactOptional(),
        of: address.exactOptional(),
        limit: z.int().min(1).max(1_000).exactOptional(),
      })
      .optional(),
    {
      does: 'Lists messages: what one has not read yet, or what was sent by or to one.',
      gives: 'The messages, oldest first.',
    },
  ),
  send: mutation(
    'send',
    z.strictObject({
      id: id.exactOptional().describe('Of your own, so that sending again sends once.'),
      to: address,
      text,
      replyTo: id.exactOptional(),
      file: z.string().max(4_096).exactOptional(),
      line: z.int().min(1).exactOptional(),
    }),
    { does: 'Sends a message.', gives: 'The message as it is kept.' },
  ),
  read: mutation('readMessages', z.strictObject({ ids: z.array(id).max(1_000) }), {
    does: 'Marks messages to the person as read.',
    gives: 'Those that were not.',
  }),
});
