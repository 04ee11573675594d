/** Names the crash point at which the first orchestrator of a run kills itself: `<name>`, or `<name>#<hit>`. */
export const CRASH_AT = 'CW_CRASH_AT';
