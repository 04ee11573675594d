import { UsageError } from '../errors.ts';
import type { AgentTalk } from './ports.ts';

/** Where nobody takes questions of an agent at work: it can still end its turn with them. */
export const noTalk: AgentTalk = {
  ask: async () => {
    throw new UsageError('NO_QUESTIONS', 'Nobody here answers while you work', {
      advice: 'End your turn with {"status":"questions",…}; you go on with the answers.',
    });
  },
  messages: async () => [],
  send: async () => {
    throw new UsageError('NO_MESSAGES', 'Nobody here takes messages', { advice: 'Say it in your result.' });
  },
};
