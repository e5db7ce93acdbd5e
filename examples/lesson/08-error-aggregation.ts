/** 8. A batch: every item is accounted for, by its key, and none stops the others. */
import { batch } from "holdfast";
import type { Context } from "holdfast";

async function processItem(item: number | string, { sleep }: Context): Promise<number> {
  await sleep(1_000);
  if (typeof item === "string") throw new Error(`Invalid item: ${item}`);
  return item * 2;
}

export async function main(): Promise<void> {
  const report = await batch([1, 2, "error1", 3, "error2", 4], processItem, {
    concurrency: Infinity,
    key: (_, index) => `task_${index}`,
  });

  console.log(`Successful: ${report.counts.succeeded}`);
  for (const result of report.results) if (result.ok) console.log(`  ${result.key}: ${result.value}`);

  console.log(`\nFailed: ${report.counts.failed}`);
  for (const { key, error } of report.failures)
    console.log(`  ${key}: ${error instanceof Error ? error.message : String(error)}`);
}
