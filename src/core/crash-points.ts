/**
 * The moments at which a crash is worth trying, each with what has just happened and what has not. Code calls
 * `crashPoint` there; nothing else depends on them. A name says the part and the moment, `claim.taken`.
 */
export const CRASH_POINTS = {
  'claim.committed': 'tasks are claimed durably, their attempts have not begun',
} as const satisfies Record<string, string>;

export type CrashPoint = keyof typeof CRASH_POINTS;

let listener: ((point: CrashPoint) => void) | undefined;

/** Tells the listener that this point is reached; without one it does nothing. */
export function crashPoint(point: CrashPoint): void {
  listener?.(point);
}

/**
 * From now on `listen` is called at every crash point, in the middle of what goes on there; it may end the process or
 * throw. `undefined` ends it. There is one listener per process.
 */
export function onCrashPoint(listen: ((point: CrashPoint) => void) | undefined): void {
  listener = listen;
}
