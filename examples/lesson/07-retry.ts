/** 7. Trying again: how often, how long between, and for which errors; every attempt can be read from the last error. */
import { attemptsOf, retry } from "holdfast";
import type { AttemptContext } from "holdfast";

class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** Fails seven times in ten. */
async function flakyCall({ sleep }: AttemptContext, random: () => number): Promise<{ data: string }> {
  await sleep(500);
  if (random() < 0.7) throw new ConnectionError("API temporarily unavailable");
  return { data: "success" };
}

export async function main(random: () => number = Math.random): Promise<void> {
  try {
    const result = await retry((context) => flakyCall(context, random), {
      retries: 4,
      baseDelay: 1_000,
      factor: 2,
      // The lesson's waits are exact. Leave it out for a service: then its callers do not all come back in the same moment.
      jitter: "none",
      shouldRetry: ({ error }) => error instanceof ConnectionError,
      onFailedAttempt: ({ attempt, retriesLeft, error }) => {
        if (retriesLeft === 0 || !(error instanceof Error)) return;
        const seconds = 2 ** (attempt - 1);
        console.log(`Attempt ${attempt} failed: ${error.message}. Retrying in ${seconds.toFixed(1)}s...`);
      },
    });
    console.log(`Success: ${JSON.stringify(result)}`);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    console.log(`All retries failed: ${error.message}`);
    console.log(`(${attemptsOf(error).length} attempts)`);
  }
}
