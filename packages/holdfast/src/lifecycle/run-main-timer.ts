/**
 * A timer for what has no promise to wait in.
 */
import { sleep } from "../core/index.ts";

/** Calls back after `ms` milliseconds, unless what it returns is called before. Keeps the process alive meanwhile. */
export function after(ms: number, callback: () => void): () => void {
  const stop = new AbortController();
  void sleep(ms, { signal: stop.signal }).then(callback, () => {});
  return () => stop.abort();
}
