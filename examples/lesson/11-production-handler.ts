/** 11. One place that every error of a service goes through: told apart, counted, and reported at a rate that a log can take. */
import type { Context } from "holdfast";
import { errorHandler } from "holdfast/lifecycle";
import type { ErrorHandler } from "holdfast/lifecycle";

class ValueError extends Error {
  override readonly name = "ValueError";
}

async function succeed({ sleep }: Context): Promise<string> {
  await sleep(1_000);
  return "success";
}

async function fail({ sleep }: Context): Promise<string> {
  await sleep(1_000);
  throw new ValueError("failed");
}

/** With the reporters that are usual: the console. A service has pino, OpenTelemetry or Sentry there. */
export async function main(handler: ErrorHandler = errorHandler()): Promise<void> {
  for (const [index, task] of [succeed, fail].entries()) {
    const result = await handler.run(task);
    const what = result.ok ? result.value : result.error instanceof Error ? result.error.message : String(result.error);
    console.log(`Task ${index + 1}: ${result.ok ? "Success" : "Failed"} - ${what}`);
  }

  const { total, byType } = handler.stats();
  console.log(`\nStats: ${JSON.stringify({ total_errors: total, errors_by_type: byType })}`);
}
