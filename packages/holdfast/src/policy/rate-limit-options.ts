/**
 * What a rate limit is told, and what it tells: the events of its hook, and its error.
 */
import type { PolicyEvent, PolicyOptions } from "./policy-states.ts";

/** What {@link rateLimit} is told. `limit` and `interval` have no defaults. */
export interface RateLimitOptions extends PolicyOptions<RateLimitEvent> {
  /** So much in each interval, for each key. A call uses its `weight`, 1 unless told. An integer from 1 up. */
  readonly limit: number;
  /** Milliseconds, at least 1. */
  readonly interval: number;
  /**
   * "token-bucket" (default): `limit` in each interval, evenly, and what was not used is saved up to `burst`; an interval after a pause can see `burst + limit`. "sliding-window": no stretch of time of an
   * interval's length ever sees more than `limit`, wherever it begins; for services that count so. It remembers up to `limit` times for each key.
   */
  readonly algorithm?: "token-bucket" | "sliding-window" | undefined;
  /** Of a token bucket: how much can be used at once after a pause. An integer from 1 up. Default: `limit`. */
  readonly burst?: number | undefined;
  /** So many calls may wait for their turn, for each key; further ones are refused. Default 0. */
  readonly maxQueue?: number | undefined;
}

/** What happened to a call. "queue": it has to wait, for `wait` milliseconds if nobody before it gives up. "reject": it was refused. */
export type RateLimitEvent = PolicyEvent &
  ({ readonly type: "queue"; readonly wait: number } | { readonly type: "reject"; readonly error: RateLimitedError });

/** The limit is used up, and the call could not wait: the function was not called. */
export class RateLimitedError extends Error {
  override get name(): "RateLimitedError" {
    return "RateLimitedError";
  }
  readonly code = "ERR_RATE_LIMITED" as const;
  /** The name of the rate limit. */
  readonly rateLimit: string;
  readonly key: string | undefined;
  readonly limit: number;
  readonly interval: number;
  /** Milliseconds until it would be its turn, at the earliest, as things stand. */
  readonly retryAfter: number;

  /** @param title the limit, in a sentence; `why` it could not wait, with a comma before it, or nothing */
  constructor(
    title: string,
    why: string,
    name: string,
    key: string | undefined,
    { limit, interval }: RateLimitOptions,
    retryAfter: number,
  ) {
    super(`${title} of ${limit} in ${interval} ms is used up${why}; try again in ${Math.ceil(retryAfter)} ms`);
    this.rateLimit = name;
    this.key = key;
    this.limit = limit;
    this.interval = interval;
    this.retryAfter = retryAfter;
  }
}
