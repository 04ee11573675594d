/** In the environment of an orchestrator that the guardian started again after a crash. */
export const RESTARTED = 'CW_RESTARTED';
