/**
 * Durations as people write them on a command line. Inside the program durations are numbers of milliseconds.
 */

const unitMs: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** Milliseconds of `500ms`, `1.5s`, `5m`, `2h` or `1d`; undefined for anything else, a bare number and a negative one included. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = unitMs.get(match?.[2] ?? "");
  if (match === null || unit === undefined) return undefined;
  const value = Number(match[1]) * unit;
  return Number.isFinite(value) ? value : undefined;
}

/** Two units at most, nothing finer than what matters at that length: `0.4 ms`, `850 ms`, `3.2 s`, `4m 05s`, `2h 10m`, `3d 04h`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return `${Math.floor(minutes / 1_440)}d ${pad(Math.floor((minutes % 1_440) / 60))}h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
