/** 4. A task group: the first failure cancels the others, all are waited for, and every error comes out in one group. */
import { handleErrors, taskGroup } from "holdfast";
import type { Context } from "holdfast";

class ValidationError extends Error {
  override readonly name = "ValidationError";
}

async function processItem(item: string, { sleep }: Context): Promise<string> {
  await sleep(1_000);
  if (item === "error") throw new ValidationError(`Cannot process ${item}`);
  return `Processed ${item}`;
}

async function processAll(items: readonly string[]): Promise<string[]> {
  try {
    return await taskGroup(async (group) => {
      const tasks = items.map((item) => group.spawn((context) => processItem(item, context), { name: item }));
      const results: string[] = [];
      for (const task of tasks) results.push(await task.join());
      return results;
    });
  } catch (error) {
    // Python's `except*`: each clause gets the group of what it matches; what nobody takes is thrown on.
    await handleErrors(
      error,
      [ValidationError, (group) => print("Validation errors", group.errors)],
      [Error, (group) => print("Other errors", group.errors)],
    );
    return [];
  }
}

function print(title: string, errors: readonly Error[]): void {
  console.log(`${title}: ${errors.length}`);
  for (const { message } of errors) console.log(`  - ${message}`);
}

export async function main(): Promise<void> {
  const results = await processAll(["item1", "error", "item2"]);
  console.log(`Results: ${JSON.stringify(results)}`);
}
