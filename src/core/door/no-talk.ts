import { UsageError } from '../errors.ts';
import { sendMessage } from '../inbox/send-message.ts';
import type { Ids } from '../ports.ts';
import type { Store } from '../tasks/ports.ts';
import type { AgentMessage, AgentTalk, DoorFor } from './ports.ts';

/** Messages alone: where nobody takes questions of an agent at work, it can still end its turn with them. */
export function noTalk(
  parts: { store: Pick<Store, 'messages' | 'readMessages' | 'send' | 'task'>; ids: Pick<Ids, 'next'> },
  turn: DoorFor,
): AgentTalk {
  const { store } = parts;
  const address = `task:${turn.task}`;
  return {
    ask: async () => {
      throw new UsageError('NO_QUESTIONS', 'Nobody here answers while you work', {
        advice: 'End your turn with {"status":"questions",…}; you go on with the answers.',
      });
    },
    messages: async (): Promise<readonly AgentMessage[]> => {
      const ids = (await store.messages({ unreadBy: address })).map(({ id }) => id);
      const read = ids.length === 0 ? [] : await store.readMessages(address, ids);
      return read.map(({ to: _, reads: __, ...message }) => message);
    },
    send: async (message) => {
      const { id } = await sendMessage(parts, { ...message, from: address });
      return { id };
    },
  };
}
