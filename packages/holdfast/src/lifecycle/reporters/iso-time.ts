/**
 * A time as text.
 */

/** "2026-01-01T00:00:00.000Z" of milliseconds since 1970. What it is given was read from the core's clock. */
export function isoTime(ms: number): string {
  // oxlint-disable-next-line no-restricted-globals
  return new Date(ms).toISOString();
}
