const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PARTS = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;

/**
 * A duration in milliseconds: `90s`, `30m`, `1h30m`, `1.5h`, `500ms`, `2d`, each unit once and the largest
 * first. A number without a unit is seconds. `undefined` when it is none of these.
 */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(' ', '');
  if (compact.length > 32) return undefined;
  if (/^\d+(\.\d+)?$/.test(compact)) return Math.round(Number(compact) * 1_000);
  let total = 0;
  let end = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (const part of compact.matchAll(PARTS)) {
    const unit = UNIT_MS[part[2] as keyof typeof UNIT_MS];
    if (unit >= smallest) return undefined;
    smallest = unit;
    total += Number(part[1]) * unit;
    end = part.index + part[0].length;
  }
  return end === compact.length && end > 0 ? Math.round(total) : undefined;
}

/** The same the other way round: `90000` is `1m30s`. */
export function durationText(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const whole = Math.floor(left / UNIT_MS[unit]);
    left -= whole * UNIT_MS[unit];
    if (whole > 0) parts.push(`${whole}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join('');
}
