/** In the environment of every program we start: which orchestrator did. */
export const ORCHESTRATOR_MARKER = 'CW_ORCHESTRATOR';
