import { UsageError } from '../errors.ts';
import type { AskingDesk } from './ports.ts';

/** Where nobody takes questions of an agent at work: it can still end its turn with them. */
export const noAsking: AskingDesk = {
  ask: async () => {
    throw new UsageError('NO_QUESTIONS', 'Nobody here answers while you work', {
      advice: 'End your turn with {"status":"questions",…}; you go on with the answers.',
    });
  },
};
