/** What things cost, from an upstream that fails: a pipeline of policies around one call of `fetch`. */
import { pipeline, retryAfter } from "holdfast";
import type { Pipeline } from "holdfast";

/** The upstream answered, and not with a price. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code = "ERR_UPSTREAM";
  readonly status: number;
  /** Milliseconds; for {@link retryAfter}. */
  readonly retryAfter: number | undefined;

  constructor(response: Response) {
    super(`the price service answered ${response.status}`);
    this.status = response.status;
    this.retryAfter = retryAfter(response);
  }
}

export interface Prices {
  readonly policy: Pipeline;
  readonly of: (sku: string, signal: AbortSignal) => Promise<number>;
}

export function pricesFrom(url: string): Prices {
  const policy = pipeline({
    name: "prices",
    totalTimeout: 2_000,
    retry: { retries: 3, baseDelay: 20, delay: ({ error }) => retryAfter(error) },
    circuitBreaker: { failureRatio: 0.6, window: { ms: 5_000 }, minimumCalls: 50, openFor: 500 },
    bulkhead: { concurrency: 50, maxQueue: 500 },
    timeout: 300,
  });
  return {
    policy,
    of: (sku, signal) =>
      policy.run(
        async ({ signal: attempt }) => {
          const response = await fetch(`${url}/prices/${encodeURIComponent(sku)}`, { signal: attempt });
          if (!response.ok) {
            await response.body?.cancel();
            throw new UpstreamError(response);
          }
          // Holds: it is our own upstream; a real one would be checked.
          return ((await response.json()) as { readonly price: number }).price;
        },
        { signal, name: "price" },
      ),
  };
}
