/** 5. A timeout stops the work, not only the waiting for it: the work's signal aborts, and its sleep ends at once. */
import { isTimeout, sleep, timeout } from "holdfast";

async function slowOperation(signal: AbortSignal): Promise<string> {
  await sleep(10_000, { signal });
  return "Complete";
}

async function asAnError(): Promise<void> {
  try {
    console.log(`Result: ${await timeout(2_000, ({ signal }) => slowOperation(signal))}`);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    console.log("Operation timed out!");
  }
}

/** Where another value will do instead. */
async function withFallback(): Promise<void> {
  const result = await timeout(2_000, ({ signal }) => slowOperation(signal), {
    fallback: (error) => `Timeout: Operation exceeded ${(error.timeout / 1_000).toFixed(1)}s`,
  });
  console.log(result);
}

export async function main(): Promise<void> {
  await asAnError();
  await withFallback();
}
