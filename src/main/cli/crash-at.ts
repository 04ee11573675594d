import { CRASH_POINTS, type CrashPoint, onCrashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/source/nearest.ts';
import { CRASH_AT } from '../guard/crash-at.ts';

/** Hits count from 1. */
const CRASH_AT_POINT = /^[a-z.-]+(#[1-9]\d{0,8})?$/;

/** Makes this process die by SIGKILL at the crash point that the environment names; mostly it names none. */
export function crashWhereAsked(env: NodeJS.ProcessEnv): void {
  const wanted = env[CRASH_AT];
  if (wanted === undefined || wanted === '') return;
  const { point, hit } = parse(wanted);
  let hits = 0;
  onCrashPoint((reached) => {
    if (reached !== point) return;
    hits += 1;
    if (hits === hit) process.kill(process.pid, 'SIGKILL');
  });
}

function parse(wanted: string): { point: CrashPoint; hit: number } {
  const [name = '', hit = '1'] = wanted.split('#');
  if (CRASH_AT_POINT.test(wanted) && isPoint(name)) return { point: name, hit: Number(hit) };
  const near = nearest(name, Object.keys(CRASH_POINTS));
  throw new UsageError('UNKNOWN_CRASH_POINT', `${CRASH_AT}=${wanted} names no crash point`, {
    advice:
      near === undefined
        ? `Use one of: ${Object.keys(CRASH_POINTS).join(', ')}; with #2 behind it, the second time.`
        : `Did you mean ${near}?`,
  });
}

function isPoint(name: string): name is CrashPoint {
  return Object.hasOwn(CRASH_POINTS, name);
}
