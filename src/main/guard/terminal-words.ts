/** What an orchestrator says to its guardian when it takes the terminal, and when it gives it back. */
export const TERMINAL_WORDS = { taken: 'terminal taken', given: 'terminal given back' } as const;
