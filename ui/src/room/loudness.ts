/** Below this many dBFS nothing is seen of a sound. */
const FLOOR = -50;

/** How high a level (linear, 0 to 1) is shown, 0 to 1: as it is heard, in decibels. */
export function heightOf(level: number): number {
  if (level <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(level)) / FLOOR));
}
