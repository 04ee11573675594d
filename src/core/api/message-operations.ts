import { parseRecipient, taskOf } from '../inbox/address.ts';
import { sendMessage } from '../inbox/send-message.ts';
import { type Actor, nameOf } from './actor.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** Whose messages a person reads here. */
const PERSON = 'person';

/** What agents and people write to each other. */
export function messageOperations(
  parts: ProjectParts,
  actor: Actor,
): Pick<ProjectApi, 'messages' | 'send' | 'readMessages'> {
  return {
    messages: async ({ unreadBy, of, ...filter } = {}) =>
      await (await parts.store()).messages({
        ...filter,
        ...(unreadBy === undefined ? {} : { unreadBy: parseRecipient(unreadBy) }),
        ...(of === undefined ? {} : { of: parseRecipient(of) }),
      }),
    send: async (draft) => {
      const task = taskOf(parseRecipient(draft.to));
      // It may stand in the roadmap since a moment ago; and a mistyped one is told with the nearest.
      if (task !== undefined) await findTask(parts, task);
      return await sendMessage({ store: await parts.store(), ids: parts }, { ...draft, from: nameOf(actor) });
    },
    readMessages: async ({ ids }) => await (await parts.store()).readMessages(PERSON, ids),
  };
}
