/**
 * The time that progress, pacing and draining read, so that tests can turn it by hand.
 */

export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls `tick` every `ms` milliseconds until the returned function is called. Does not keep the process alive. */
  every(ms: number, tick: () => void): () => void;
  /** Calls `fire` once, `ms` milliseconds from now, unless the returned function is called first. Keeps the process alive. */
  after(ms: number, fire: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return () => clearInterval(timer);
  },
  after(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
